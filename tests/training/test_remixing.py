import dataclasses

import numpy as np
import pytest

from audiospace.ambisonics import angular_distance
from audiospace.metrics import mean_direction
from audiospace.simulate import SoundLibrary, draw_ambience, draw_sounds, random_scene, render_field, still
from audiospace.training.remixing import versions

RATE = 8000
LIBRARY = SoundLibrary.procedural()


def scene_of(count, *, distractors=0.0, seed=3, room=0.0):
    return random_scene(
        seed, seconds=1.0, sources=(count, count), distractors=distractors, room=room, moving=0.5, noise=1.0
    )


def remixed(scene, count):
    return list(versions(scene, LIBRARY, RATE, count))


def silent(version):
    return [n for n, source in enumerate(version.scene.sources) if not source.sounding]


@pytest.mark.parametrize("distractors", [0.0, 1.0])
@pytest.mark.parametrize("room", [0.0, 1.0])
def test_the_first_version_is_the_scene(distractors, room):
    scene = scene_of(2, distractors=distractors, room=room)
    first = remixed(scene, 1)[0]
    around = draw_ambience(scene, LIBRARY, RATE)
    expected = render_field(scene, draw_sounds(scene, LIBRARY, RATE), RATE, ambience=around)
    np.testing.assert_allclose(first.field, expected, atol=1e-6)
    assert (first.scene.seed, first.scene.room) == (scene.seed, scene.room)
    kept = ("kind", "level_db", "sounding", "pulse", "sound_seed")
    for source, before in zip(first.scene.sources, scene.sources, strict=True):
        assert [getattr(source, name) for name in kept] == [getattr(before, name) for name in kept]


def test_every_version_is_what_its_scene_says():
    for version in remixed(scene_of(3, distractors=1.0, room=1.0), 6):
        around = draw_ambience(version.scene, LIBRARY, RATE)
        # surroundings depend on the seed, which differs; sources alone are compared
        alone = dataclasses.replace(version.scene, ambience_db=None, microphone_db=None)
        assert around is None or version.scene.ambience is not None
        assert [sound is not None for sound in version.sounds] == [
            source.sounding for source in version.scene.sources
        ]
        expected = render_field(alone, version.sounds, RATE)
        norms = np.linalg.norm(version.field) * np.linalg.norm(expected)
        assert np.vdot(version.field, expected) / norms > 0.97


def test_levels_change_and_are_those_of_random_scenes():
    scene = random_scene(8, seconds=0.5, sources=(2, 2), distractors=0.0, moving=0.0, room=0.0)
    near = tuple(
        dataclasses.replace(source, path=still(n, 0.0, 2.0)) for n, source in enumerate(scene.sources)
    )
    levels = np.array(
        [
            source.level_db
            for version in remixed(dataclasses.replace(scene, sources=near), 200)[1:]
            for source in version.scene.sources
            if source.sounding
        ]
    )
    low, high = -9.0 - 20 * np.log10(5.0 / 2.0), 20 * np.log10(2.0 / 1.5)
    assert low <= levels.min() < low + 2.5
    assert high - 3.0 < levels.max() <= high


def test_who_is_silent_changes_with_every_second_version():
    who = [silent(version) for version in remixed(scene_of(3, distractors=1.0), 40)]
    assert who[0] == [3]
    assert all(len(each) <= 1 for each in who)
    assert who[0::2] == who[1::2]
    assert all(a != b for a, b in zip(who[0::2], who[2::2], strict=False))
    assert {n for each in who for n in each} == {0, 1, 2, 3}
    assert [] in who


def test_what_is_silent_is_not_heard_and_does_not_pulse():
    scene = dataclasses.replace(scene_of(2), ambience_db=None, microphone_db=None, room=None)
    paths = (still(0.0, 0.0, 2.0), still(2.0, 0.0, 2.0))
    scene = dataclasses.replace(
        scene,
        sources=tuple(dataclasses.replace(s, path=p) for s, p in zip(scene.sources, paths, strict=True)),
    )
    found = [(version, silent(version)) for version in remixed(scene, 20)]
    one = [(version, who[0]) for version, who in found if who]
    assert {who for _, who in one} == {0, 1}
    for version, who in one:
        heard = paths[1 - who].directions[0]
        assert angular_distance(mean_direction(version.field), heard) < np.radians(1.0)
        assert version.scene.sources[who].pulse == 0.0
        assert version.scene.sources[1 - who].pulse > 0.0


def test_a_scene_of_one_source_has_one_version():
    assert len(remixed(scene_of(1), 4)) == 1
    assert len(remixed(scene_of(1, distractors=1.0), 4)) == 4


def test_versions_are_repeatable_and_have_seeds_of_their_own():
    again = [remixed(scene_of(2), 3) for _ in range(2)]
    for one, other in zip(*again, strict=True):
        np.testing.assert_array_equal(one.field, other.field)
    assert len({version.scene.seed for version in again[0]}) == 3
