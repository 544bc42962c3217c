import numpy as np
import pytest

from audiospace.ambisonics import angles, angular_distance
from audiospace.simulate import AMBIENCE_KINDS, KINDS, orbit, random_scene
from audiospace.simulate.scene import LARGEST, SMALLEST
from audiospace.simulate.trajectory import behind

TIMES = np.linspace(0, 10, 21)


def facts(scene):
    return [
        (s.kind, s.sound_seed, s.sounding, s.path.direction(TIMES).tolist(), s.path.distance(TIMES).tolist())
        for s in scene.sources
    ]


def test_same_seed_same_scene():
    assert facts(random_scene(5)) == facts(random_scene(5))
    assert facts(random_scene(5)) != facts(random_scene(6))
    assert facts(random_scene(5)) != facts(random_scene(5, split="test"))


def test_probabilities_are_obeyed():
    scenes = [random_scene(seed, moving=0.0, room=0.0, distractors=0.0, sources=(2, 2)) for seed in range(20)]
    assert all(len(s.sources) == 2 and s.room is None for s in scenes)
    assert not any(source.path.moving for s in scenes for source in s.sources)
    scenes = [random_scene(seed, moving=1.0, room=1.0, kinds=["dog", "clock"]) for seed in range(20)]
    assert all(s.room is not None and all(source.path.moving for source in s.sources) for s in scenes)
    assert {source.kind for s in scenes for source in s.sources} == {"dog", "clock"}
    shares = [random_scene(seed).room is not None for seed in range(300)]
    assert 0.3 < np.mean(shares) < 0.5


def test_every_kind_and_every_side_appears():
    sources = [source for seed in range(300) for source in random_scene(seed).sources]
    assert {source.kind for source in sources} == set(KINDS)
    starts = np.array([source.path.directions[0] for source in sources])
    assert np.abs(starts[:, :2].mean(axis=0)).max() < 0.12
    assert starts[:, 2].max() > 0.9
    assert starts[:, 2].min() < -0.8


def test_sizes_stay_within_limits_and_rooms_hold_their_sources():
    for seed in range(60):
        scene = random_scene(seed, room=1.0)
        size, listener = np.asarray(scene.room.size), np.asarray(scene.room.listener)
        for source in scene.sources:
            angular = source.angular_size(TIMES)
            assert angular.min() >= SMALLEST - 1e-9
            assert angular.max() <= LARGEST + 1e-9
            place = listener + source.path.direction(TIMES) * source.path.distance(TIMES)[:, None]
            assert ((place > 0) & (place < size)).all()


def test_sources_start_apart():
    for seed in range(30):
        scene = random_scene(seed, sources=(2, 2), moving=0.0)
        starts = [source.path.directions[0] for source in scene.sources]
        assert angular_distance(starts[0], starts[1]) > np.radians(30)


def test_nearer_is_louder():
    source = random_scene(3, sources=(1, 1), moving=0.0, room=0.0).sources[0]
    expected = 10 ** (source.level_db / 20) * 2.0 / source.path.distances[0]
    assert source.gain(np.zeros(1))[0] == pytest.approx(expected)


def test_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="cat"):
        random_scene(1, kinds=["cat"])


def test_behind_means_behind_the_whole_time():
    times = np.linspace(0, 10, 401)
    for seed in range(60):
        scene = random_scene(seed, behind=1.0, moving=0.7, sources=(1, 4), distractors=1.0)
        assert scene.behind
        for source in scene.sources:
            azimuth, _ = angles(source.path.direction(times))
            assert not source.sounding or np.abs(azimuth).min() > np.radians(99)
    silent = [source for seed in range(60) for source in random_scene(seed, behind=1.0).sources[-1:]]
    assert any(not source.sounding and source.path.directions[0, 0] > 0 for source in silent)


def test_a_share_of_scenes_is_behind_and_others_stay_as_they_were():
    scenes = [random_scene(seed, behind=0.3) for seed in range(300)]
    plain = [random_scene(seed) for seed in range(300)]
    hidden = [np.abs(angles(s.path.directions)[0]).min() > np.radians(99) for p in scenes for s in p.sources]
    assert 0.25 < np.mean([scene.behind for scene in scenes]) < 0.6
    assert any(hidden)
    unchanged = [facts(a) == facts(b) for a, b in zip(scenes, plain, strict=True)]
    assert 0.6 < np.mean(unchanged) < 0.95


def test_paths_behind_are_continuous_and_keep_their_height():
    path = orbit(0.2, 0.4, 2.0, turn=8.0, seconds=10.0)
    folded = behind(path)
    steps = angular_distance(folded.directions[1:], folded.directions[:-1])
    assert steps.max() < 1.3 * angular_distance(path.directions[1], path.directions[0])
    assert folded.directions[:, 2] == pytest.approx(path.directions[:, 2])
    assert np.allclose(behind(folded).directions, folded.directions)


def test_up_to_four_sources_and_conditions_by_chance():
    scenes = [random_scene(seed, sources=(1, 4), ambience=0.5, noise=1.0) for seed in range(200)]
    counts = [sum(source.sounding for source in scene.sources) for scene in scenes]
    assert set(counts) == {1, 2, 3, 4}
    assert 0.35 < np.mean([scene.ambience is not None for scene in scenes]) < 0.65
    assert {scene.ambience for scene in scenes} == {None, *AMBIENCE_KINDS}
    assert not any(scene.ambience in {s.kind for s in scene.sources} for scene in scenes)
    assert all(-65 <= scene.microphone_db <= -40 and 1 <= scene.camera_noise <= 4 for scene in scenes)
    assert random_scene(1).microphone_db is None
    assert random_scene(1).ambience is None


def test_splits_draw_different_scenes_and_tests_show_other_looks():
    scenes = [random_scene(9, split=split) for split in ("train", "validation", "test")]
    assert len({str(facts(scene)) for scene in scenes}) == 3
    assert [scene.sources[0].look for scene in scenes] == [0, 0, 1]
