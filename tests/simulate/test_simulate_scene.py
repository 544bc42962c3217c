import numpy as np
import pytest

from audiospace.ambisonics import angular_distance
from audiospace.simulate import KINDS, random_scene
from audiospace.simulate.scene import LARGEST, SMALLEST

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
