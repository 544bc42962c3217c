import io
import tarfile

import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.training.data.remote_shard import RemoteShard
from audiospace.training.data.sample import DamagedSample, from_members
from audiospace.training.data.shard_file import LocalShard, split_name, write_shard
from shard_samples import make_shards, members


@pytest.fixture
def path(tmp_path):
    return make_shards(tmp_path / "shards", [6]) / "shard-000000.tar"


def keys(shard, count=7):
    return [None if (raw := shard.read(index)) is None else raw.key for index in range(count)]


def header_offset(path, name):
    with tarfile.open(path) as archive:
        return archive.getmember(name).offset


def test_samples_are_found_by_number(path):
    shard = LocalShard(path)
    assert len(shard) == 6
    assert keys(shard) == [f"s{number:03d}" for number in range(6)] + [None]
    assert dict(shard.read(4).members) == members(4, "abc")[1]


def test_the_same_samples_give_the_same_bytes(path, tmp_path):
    write_shard(tmp_path / "again.tar", (members(number, "abc") for number in range(6)))
    assert (tmp_path / "again.tar").read_bytes() == path.read_bytes()


def test_the_webdataset_library_reads_the_same(path):
    webdataset = pytest.importorskip("webdataset")
    library = list(webdataset.WebDataset(str(path), shardshuffle=False))
    assert [item["__key__"] for item in library] == keys(LocalShard(path), 6)
    for number, item in enumerate(library):
        assert {name: data for name, data in item.items() if not name.startswith("__")} == members(
            number, "abc"
        )[1]
        latent = np.load(io.BytesIO(item["latent.npy"]))
        assert latent.dtype == np.float16
        assert (latent == number).all()


@pytest.mark.parametrize("name", ["s002.json", "s002.latent.npy", "s000.json"])
def test_a_damaged_header_costs_one_sample(path, name):
    data = bytearray(path.read_bytes())
    data[header_offset(path, name) + 150] ^= 0xFF
    path.write_bytes(data)
    shard = LocalShard(path)
    assert keys(shard, 6) == [f"s{number:03d}" for number in range(6)]
    damaged = int(name[3])
    with pytest.raises(DamagedSample, match=name[5:]):
        from_members(shard.read(damaged).members, ())
    for number in set(range(6)) - {damaged}:
        assert (from_members(shard.read(number).members, ("fov",)).latent == number).all()


def test_a_truncated_shard_gives_what_is_there(path):
    path.write_bytes(path.read_bytes()[: header_offset(path, "s004.latent.npy") + 700])
    shard = LocalShard(path)
    assert keys(shard)[:4] == ["s000", "s001", "s002", "s003"]
    assert keys(shard)[5:] == [None, None]
    assert (from_members(shard.read(3).members, ("fov",)).latent == 3).all()


@pytest.mark.parametrize("data", [b"", b"rubbish" * 200, bytes(10240)])
def test_what_is_no_tar_file_has_no_samples(tmp_path, data):
    (tmp_path / "a.tar").write_bytes(data)
    assert len(LocalShard(tmp_path / "a.tar")) == 0
    with pytest.raises(UserError, match=r"b\.tar"):
        LocalShard(tmp_path / "b.tar")


def test_a_remote_shard_reads_as_a_local_one(path):
    pytest.importorskip("webdataset")
    remote = RemoteShard(f"pipe:cat {path}", block=4)
    for index in (0, 5, 2, 1, 5, 6, 0):
        assert remote.read(index) == LocalShard(path).read(index)


def test_a_remote_shard_that_cannot_be_reached_is_a_users_error(tmp_path):
    pytest.importorskip("webdataset")
    with pytest.raises(UserError, match="cannot be read from"):
        RemoteShard(f"pipe:cat {tmp_path}/none.tar 2>/dev/null", block=4).read(0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.latent.npy", ("a", "latent.npy")), ("x.y/b.json", ("x.y/b", "json")), ("c", ("c", ""))],
)
def test_names_are_divided_as_webdataset_does(name, expected):
    assert split_name(name) == expected
