import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from audiospace.ambisonics import angular_distance, direction, directions_over_time, unit_vector
from audiospace.errors import UserError
from audiospace.media import load_frames, probe, read_audio, read_clip_folder
from audiospace.simulate import KINDS, ClipFormat, Mixture, Recipe, SoundLibrary, write_clip, write_dataset
from audiospace.simulate import dataset as module
from audiospace.simulate.dataset import ClipTask, make_clip
from audiospace.simulate.sources import RMS
from audiospace.vision.categories import CATEGORIES

RATE = 16000
VERSION_1 = [
    (["rain", "sea"], -88, True, "road_vehicle"),
    (["people"], 31, False, "bird"),
    (["wind_instrument", "chainsaw", "water"], -143, False, "sea"),
]
"""Clip 0 of the train, validation and test splits. A change of these needs a new DATASET_VERSION."""
DRY = Mixture(sources=(1, 1), moving=0.0, room=0.0, distractors=0.0, behind=0.0, ambience=0.0, noise=0.0)
SMALL = Recipe(seconds=1.0, layout=ClipFormat(RATE, 5.0, 96))


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "sounds"
    rng = np.random.default_rng(0)
    for name in ("dog/1-100-A", "dog/1-103-A", "dog/2-106-A", "dog/5-200-A", "rain/1-7-A", "rain/5-8-A"):
        path = folder / f"{name}.wav"
        path.parent.mkdir(exist_ok=True, parents=True)
        soundfile.write(path, 0.1 * rng.standard_normal(RATE), RATE)
    (folder / "ATTRIBUTION.md").write_text("by nobody, CC0\n")
    return folder


def dry(scene):
    return replace(scene, ambience_db=None)


def told_directions(source):
    return unit_vector(np.radians(source["azimuth_degrees"]), np.radians(source["elevation_degrees"]))


def test_kinds_are_the_categories_of_vision():
    assert tuple(category.name for category in CATEGORIES) == KINDS


@pytest.mark.parametrize("moving", [0.0, 1.0])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_truth_of_a_dry_clip_is_what_is_heard(tmp_path, moving, number):
    recipe = replace(SMALL, split="test", seconds=2.0, mixture=replace(DRY, moving=moving))
    scene = dry(recipe.scene(number))
    path = write_clip(tmp_path, "clip", scene, recipe.library(), recipe.layout)
    truth = json.loads(path.read_text())
    sound = read_audio(path.with_suffix(".wav"), channels=4)
    told = told_directions(truth["sources"][0])
    if moving:
        track = directions_over_time(sound.samples, RATE, window=0.1, hop=0.1)
        off = np.degrees(angular_distance(track.vectors, told[: len(track.vectors)]))
        assert np.median(off) < 2.0
    else:
        assert np.degrees(angular_distance(direction(sound.samples).vector, told[0])) < 0.01


def test_clips_are_whole_and_tagged(tmp_path):
    seen = []
    write_dataset(tmp_path, SMALL, 2, on_clip=lambda done, count: seen.append((done, count)))
    assert seen == [(0, 2), (1, 2), (2, 2)]
    clips = read_clip_folder(tmp_path)
    assert [clip.id for clip in clips] == ["sim-train-0-000000_0", "sim-train-0-000001_0"]
    for clip in clips:
        assert clip.info["split"] == "train"
        assert read_audio(clip.sound, channels=4).samples.shape == (4, RATE)
        assert load_frames(clip.video, frames_per_second=5).images.shape == (5, 96, 192, 3)
        assert probe(clip.video).projection == "erp"


def test_noise_levels_are_those_of_the_truth(tmp_path):
    recipe = replace(SMALL, mixture=replace(DRY, noise=1.0))
    scene = replace(dry(recipe.scene(4)), sources=())
    truth = json.loads(write_clip(tmp_path, "clip", scene, recipe.library(), recipe.layout).read_text())
    heard = read_audio(tmp_path / "clip.wav").samples
    level = 20 * np.log10(np.std(heard[0]) / RMS)
    assert level == pytest.approx(truth["microphone_db"] + truth["gain_db"], abs=0.2)


def test_a_clip_depends_on_the_recipe_and_its_number_only(tmp_path):
    write_dataset(tmp_path / "few", SMALL, 1)
    write_dataset(tmp_path / "more", SMALL, 2)
    few, more = (tmp_path / name / "sim-train-0-000000_0" for name in ("few", "more"))
    assert few.with_suffix(".json").read_bytes() == more.with_suffix(".json").read_bytes()
    # The last bit of a sine can depend on where in memory NumPy has put its arrays.
    sounds = [read_audio(path.with_suffix(".wav")).samples for path in (few, more)]
    assert sounds[0] == pytest.approx(sounds[1], abs=1e-6)
    first, again = (
        load_frames(path.with_suffix(".mp4"), frames_per_second=5).images.astype(float)
        for path in (few, more)
    )
    assert np.abs(first - again).mean() < 0.5


def test_splits_and_seeds_share_no_scene():
    recipes = [
        replace(SMALL, split=split, seed=seed) for split in ("train", "validation", "test") for seed in (0, 1)
    ]
    scenes = [recipe.scene(number) for recipe in recipes for number in range(5)]
    assert len({scene.seed for scene in scenes}) == len(scenes)
    assert len({str(scene.sources[0].path.directions) for scene in scenes}) == len(scenes)
    with pytest.raises(ValueError, match="clip numbers"):
        SMALL.scene(10**6)


def test_splits_play_their_own_recordings(recordings):
    libraries = {
        split: replace(SMALL, split=split, sounds=(recordings,)).library()
        for split in ("train", "validation", "test")
    }
    names = {
        split: {recording.path.stem for group in library.recordings.values() for recording in group}
        for split, library in libraries.items()
    }
    assert names["test"] == {"5-200-A", "5-8-A"}
    assert names["train"] | names["validation"] == {"1-100-A", "1-103-A", "2-106-A", "1-7-A"}
    assert not names["train"] & names["validation"]


def test_index_and_card_tell_what_is_in_the_folder(tmp_path, recordings):
    recipe = replace(SMALL, split="test", sounds=(recordings,))
    index = json.loads(write_dataset(tmp_path / "out", recipe, 3).read_text())
    truths = [json.loads((tmp_path / "out" / f"{recipe.clip_id(k)}.json").read_text()) for k in range(3)]
    assert index["split"] == "test"
    assert index["recordings"]["count"] == 2
    assert [clip["id"] for clip in index["clips"]] == [truth["id"] for truth in truths]
    for clip, truth in zip(index["clips"], truths, strict=True):
        assert [s["sound"] for s in clip["sources"]] == [s["sound"] for s in truth["sources"]]
        assert clip["behind"] == truth["behind"]
    card = (tmp_path / "out" / "README.md").read_text()
    assert "test split" in card
    heard = [source for clip in index["clips"] for source in clip["sources"] if source["sounding"]]
    for kind in {source["kind"] for source in heard}:
        count = sum(source["kind"] == kind for source in heard)
        assert f"| {kind} | {count} |" in card
    assert (tmp_path / "out" / "licences" / "sounds-ATTRIBUTION.md").read_text() == "by nobody, CC0\n"


def test_an_interrupted_run_is_gone_on_with(tmp_path, monkeypatch):
    whole = module.write_clip

    def interrupted(folder, name, *others):
        if name.endswith("000002_0"):
            (folder / f".{name}-left.mp4").write_text("half a file")
            raise KeyboardInterrupt
        return whole(folder, name, *others)

    monkeypatch.setattr(module, "write_clip", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_dataset(tmp_path, SMALL, 3)
    assert len(json.loads((tmp_path / "simsphere.json").read_text())["clips"]) == 2
    assert not list(tmp_path.glob(".*"))
    kept = [path.stat().st_mtime_ns for path in sorted(tmp_path.glob("sim-*"))]
    monkeypatch.setattr(module, "write_clip", whole)
    seen = []
    write_dataset(tmp_path, SMALL, 3, on_clip=lambda done, _: seen.append(done))
    assert seen == [2, 3]
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.glob("sim-*"))][: len(kept)] == kept
    assert len(json.loads((tmp_path / "simsphere.json").read_text())["clips"]) == 3


def test_clips_may_be_made_in_any_way_that_keeps_their_order(tmp_path):
    numbers = []

    def run(function, tasks):
        for task in tasks:
            numbers.append(task.number)
            yield function(task)

    write_dataset(tmp_path, SMALL, 2, run=run)
    assert numbers == [0, 1]


def test_tasks_can_be_handed_to_other_processes(tmp_path, recordings):
    task = ClipTask(tmp_path, replace(SMALL, split="test", sounds=(recordings,)), 1)
    function, handed = pickle.loads(pickle.dumps((make_clip, task)))  # noqa: S301
    assert handed == task
    assert function(handed) == tmp_path / "sim-test-0-000001_0.json"


def test_a_folder_of_another_data_set_is_left_alone(tmp_path):
    write_dataset(tmp_path, SMALL, 1)
    before = (tmp_path / "simsphere.json").read_bytes()
    with pytest.raises(UserError, match="another split"):
        write_dataset(tmp_path, replace(SMALL, split="test"), 1)
    with pytest.raises(UserError, match="another mixture"):
        write_dataset(tmp_path, replace(SMALL, mixture=DRY), 1)
    assert (tmp_path / "simsphere.json").read_bytes() == before


def test_unusable_folder_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        write_dataset(tmp_path / "file", SMALL, 1)
    with pytest.raises(UserError, match="nowhere"):
        write_dataset(tmp_path / "out", replace(SMALL, sounds=(tmp_path / "nowhere",)), 1)
    assert not (tmp_path / "out").exists()


def test_the_benchmark_is_what_its_version_says():
    told = []
    for split in ("train", "validation", "test"):
        scene = Recipe(split).scene(0)
        kinds = [f"{'' if source.sounding else '-'}{source.kind}" for source in scene.sources]
        azimuth = np.degrees(np.arctan2(*scene.sources[0].path.directions[0, 1::-1]))
        told.append((kinds, round(float(azimuth)), scene.room is not None, scene.ambience))
    assert told == VERSION_1


def test_the_library_of_a_recipe_keeps_what_it_has_decoded(recordings):
    recipe = replace(SMALL, split="test", sounds=(recordings,))
    assert recipe.library() is replace(recipe, seconds=3.0).library()
    assert isinstance(recipe.library(), SoundLibrary)
