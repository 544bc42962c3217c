import json

import numpy as np
import pytest

from audiospace.ambisonics import angular_distance, direction, unit_vector
from audiospace.errors import UserError
from audiospace.media import load_frames, probe, read_audio
from audiospace.simulate import KINDS, ClipFormat, SoundLibrary, write_clips
from audiospace.vision.categories import CATEGORIES

SMALL = ClipFormat(
    seconds=1.0, sample_rate=16000, frames_per_second=5, height=96, sources=(1, 1), moving=0.0, room=0.0
)


def test_kinds_are_the_categories_of_vision():
    assert tuple(category.name for category in CATEGORIES) == KINDS


def test_clips_are_written_and_true(tmp_path):
    seen = []
    written = write_clips(
        tmp_path,
        2,
        7,
        SoundLibrary.procedural(),
        layout=SMALL,
        on_clip=lambda done, count: seen.append((done, count)),
    )
    assert seen == [(1, 2), (2, 2)]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json"] * 2 + [".mp4"] * 2 + [".wav"] * 2
    for path in written:
        truth = json.loads(path.read_text())
        sound = read_audio(path.with_suffix(".wav"), channels=4)
        assert sound.samples.shape == (4, 16000)
        heard = [source for source in truth["sources"] if source["sounding"]]
        expected = unit_vector(
            *np.radians([heard[0]["azimuth_degrees"][0], heard[0]["elevation_degrees"][0]])
        )
        assert np.degrees(angular_distance(direction(sound.samples).vector, expected)) < 3.0
        frames = load_frames(path.with_suffix(".mp4"), frames_per_second=5)
        assert frames.images.shape == (5, 96, 192, 3)
        assert probe(path.with_suffix(".mp4")).projection == "erp"


def test_a_clip_depends_on_seed_and_number_only(tmp_path):
    library = SoundLibrary.procedural()
    few = write_clips(tmp_path / "few", 1, 3, library, layout=SMALL)
    more = write_clips(tmp_path / "more", 2, 3, library, layout=SMALL)
    assert few[0].with_suffix(".json").read_bytes() == more[0].with_suffix(".json").read_bytes()
    # The last bit of a sine can depend on where in memory NumPy has put its arrays.
    sounds = [read_audio(paths[0].with_suffix(".wav")).samples for paths in (few, more)]
    assert sounds[0] == pytest.approx(sounds[1], abs=1e-6)
    first, again = (
        load_frames(paths[0].with_suffix(".mp4"), frames_per_second=5).images.astype(float)
        for paths in (few, more)
    )
    assert np.abs(first - again).mean() < 0.5
    assert more[1].read_text() != more[0].read_text()


def test_unusable_folder_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        write_clips(tmp_path / "file", 1, 3, SoundLibrary.procedural(), layout=SMALL)
