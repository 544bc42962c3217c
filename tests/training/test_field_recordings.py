from pathlib import Path

import numpy as np
import pytest

from audiospace.ambisonics import encode, intensity
from audiospace.errors import UserError
from audiospace.media import write_audio
from audiospace.training.config import DataConfig
from audiospace.training.field_recordings import FieldRecordings, held_out_recordings
from audiospace.training.field_source import open_fields

RATE = 8000


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, ...]:
    """Three recordings of a plane wave, each at its own level: its number."""
    folder = tmp_path_factory.mktemp("recordings")
    found = []
    for number in (1, 2, 3):
        mono = 0.1 * number * np.sign(np.random.default_rng(number).standard_normal(3 * RATE))
        field = encode(mono.astype(np.float32), 0.0, 0.0)
        found.append(write_audio(folder / f"video{number}_0.wav", field, RATE))
    return tuple(found)


def test_an_item_depends_on_step_and_number_alone(files):
    forwards, other = (FieldRecordings(files, RATE, seed=1) for _ in range(2))
    drawn = {(step, number): forwards.segment(step, number, 500) for step in range(12) for number in range(2)}
    for step, number in reversed(drawn):
        np.testing.assert_array_equal(other.segment(step, number, 500), drawn[step, number])
    assert not np.array_equal(drawn[0, 0], drawn[0, 1])
    assert not np.array_equal(drawn[0, 0], drawn[1, 0])
    assert not np.array_equal(FieldRecordings(files, RATE, seed=2).segment(0, 0, 500), drawn[0, 0])


def test_all_recordings_are_drawn_and_fields_are_turned_whole(files):
    recordings = FieldRecordings(files, RATE, seed=1)
    fields = [recordings.segment(0, number, 400) for number in range(40)]
    assert {level(field) for field in fields} == {0.1, 0.2, 0.3}
    directions = np.stack([intensity(field) / np.mean(field[0] ** 2) for field in fields])
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, atol=1e-3)
    assert np.linalg.norm(directions.mean(axis=0)) < 0.5


def test_a_short_recording_ends_in_silence(files):
    field = FieldRecordings(files, RATE, seed=1).segment(0, 0, 4 * RATE)
    assert field.shape == (4, 4 * RATE)
    assert np.abs(field[0, : 3 * RATE]).min() > 0.05
    assert not field[:, 3 * RATE :].any()


def test_a_damaged_file_is_left_out_and_named(files, tmp_path):
    broken = tmp_path / "broken_0.flac"
    broken.write_bytes(b"fLaC" + bytes(100))
    recordings = FieldRecordings((*files, broken), RATE, seed=1)
    for number in range(20):
        assert recordings.segment(0, number, 400)[0].any()
    assert [left.name for left in recordings.damage.report()] == [f"{tmp_path}:broken_0.flac"]
    with pytest.raises(UserError, match="cannot be read"):
        FieldRecordings((broken,), RATE, seed=1).segment(0, 0, 400)


def test_cuts_of_one_original_stay_together():
    files = [Path(f"video{number}_{start}.flac") for number in range(60) for start in (0, 10)]
    training, validation = held_out_recordings(files)
    assert sorted({*training, *validation}) == sorted(files)
    assert {file.stem.split("_")[0] for file in training}.isdisjoint(f.stem.split("_")[0] for f in validation)
    assert len(validation) == 6


def test_two_originals_are_needed():
    training, validation = held_out_recordings([Path("a_0.wav"), Path("b_0.wav")])
    assert len(training) == len(validation) == 1
    with pytest.raises(UserError, match="too few"):
        held_out_recordings([Path("a_0.wav"), Path("a_10.wav")])


def test_training_and_validation_hear_different_recordings(files):
    data = DataConfig(
        recordings=(str(files[0].parent),), recorded_share=1.0, validation_items=4, pool_draws=1
    )
    source, held_out = open_fields(data, 400, RATE, seed=1)
    heard = {level(source.field(0, number, np.random.default_rng(number)).numpy()) for number in range(30)}
    judged = {level(field.numpy()) for field in held_out}
    assert len(heard) == 2
    assert heard | judged == {0.1, 0.2, 0.3}


def level(field: np.ndarray) -> float:
    return round(float(np.abs(field[0]).max()), 2)
