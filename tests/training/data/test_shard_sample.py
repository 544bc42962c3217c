import io
import json

import numpy as np
import pytest

from audiospace.training.data.sample import DamagedSample, Sample, from_members, to_members
from shard_samples import sample


@pytest.fixture
def files():
    return to_members(sample(7, "abc"))


def test_a_sample_survives_the_way_to_files_and_back(files):
    read = from_members(files, ("sphere", "fov"))
    assert np.array_equal(read.latent, sample(7, "abc").latent)
    assert all(
        np.array_equal(read.features[name], sample(7, "abc").features[name]) for name in ("sphere", "fov")
    )
    assert read.latent.dtype == read.features["fov"].dtype == np.float16
    assert read.autoencoder == "abc"


def test_sound_alone_has_no_file_of_features():
    alone = Sample("a", np.ones((2, 3), np.float16), {}, np.zeros(0), {})
    assert set(to_members(alone)) == {"json", "latent.npy"}


def test_only_the_branches_that_are_asked_for_are_read(files):
    assert set(from_members(files, ("fov",)).features) == {"fov"}
    assert from_members(files | {"features.npz": b"rubbish"}, ()).features == {}


@pytest.mark.parametrize("suffix", ["latent.npy", "features.npz"])
def test_one_flipped_bit_is_found(files, suffix):
    data = bytearray(files[suffix])
    data[-40] ^= 1
    with pytest.raises(DamagedSample, match=suffix):
        from_members(files | {suffix: bytes(data)}, ("fov",))


@pytest.mark.parametrize("suffix", ["json", "latent.npy", "features.npz"])
@pytest.mark.parametrize("data", [b"", b"rubbish", None])
def test_what_is_missing_cut_off_or_something_else_is_named(files, suffix, data):
    broken = {name: value for name, value in files.items() if name != suffix}
    if data is not None:
        broken[suffix] = data
    if suffix != "json":  # made by somebody who wrote no checksums
        broken["json"] = b'{"autoencoder": "abc"}'
    with pytest.raises(DamagedSample, match="JSON" if suffix == "json" and data is not None else suffix):
        from_members(broken, ("fov",))


def test_a_missing_branch_is_named(files):
    with pytest.raises(DamagedSample, match="branch eac"):
        from_members(files, ("eac",))


def test_numbers_beyond_half_precision_are_not_written():
    with np.errstate(over="ignore"):
        latent = np.array([[1e6]]).astype(np.float16)
    with pytest.raises(ValueError, match="finite"):
        to_members(Sample("a", latent, {}, np.zeros(0), {}))


def test_arrays_of_objects_are_not_unpickled():
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DamagedSample):
        from_members({"json": json.dumps({}).encode(), "latent.npy": stream.getvalue()}, ())
