from dataclasses import replace

import numpy as np
import pytest

from audiospace.ambisonics import angular_distance, direction, directions_over_time, unit_vector
from audiospace.simulate import Room, Scene, SoundLibrary, Source, activity, render_field, render_sound
from audiospace.simulate.render import draw_sounds
from audiospace.simulate.room import HALF_TAPS, impulse_response, reflections, reverberate
from audiospace.simulate.sources import DrawnSound
from audiospace.simulate.trajectory import orbit, still

RATE = 16000
LIBRARY = SoundLibrary.procedural()


def scene_with(path, *, seconds=2.0, room=None, ambience_db=None, kind="rain"):
    source = Source(kind, 0, path, 1.0, -6.0, True, 11, 0.1)
    return Scene(1, seconds, (source,), room, ambience_db)


def degrees_off(field, truth):
    return float(np.degrees(angular_distance(direction(field).vector, truth)))


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (90, 0), (-135, 40), (180, -20), (10, 89)])
def test_free_field_comes_from_where_the_source_is(azimuth, elevation):
    path = still(np.radians(azimuth), np.radians(elevation), 2.0)
    field = render_sound(scene_with(path), LIBRARY, RATE)
    assert field.shape == (4, 2 * RATE)
    assert field.dtype == np.float32
    assert degrees_off(field, path.directions[0]) < 0.01


def test_moving_source_is_followed():
    path = orbit(np.radians(170), 0.3, 2.0, turn=np.radians(120), seconds=4.0)
    field = render_sound(scene_with(path, seconds=4.0), LIBRARY, RATE)
    track = directions_over_time(field, RATE, window=0.1, hop=0.1)
    off = np.degrees(angular_distance(track.vectors, path.direction(track.times)))
    assert off.max() < 1.0


def test_level_follows_distance():
    near, far = (render_sound(scene_with(still(0, 0, d)), LIBRARY, RATE) for d in (2.0, 4.0))
    assert np.std(near[0]) == pytest.approx(2 * np.std(far[0]), rel=1e-4)


def test_ambience_is_diffuse():
    quiet = replace(scene_with(still(0, 0, 2.0), ambience_db=-20.0, seconds=4.0))
    field = render_field(quiet, (None,), RATE).astype(np.float64)
    power = field.var(axis=1)
    assert power[1:] == pytest.approx(power[0] / 3, rel=0.01)
    assert np.linalg.norm(np.mean(field[0] * field[1:], axis=1)) < 0.1 * power[0]


@pytest.mark.parametrize("azimuth", [0, 75, -140])
def test_absorbing_room_keeps_the_direction(azimuth):
    pytest.importorskip("pyroomacoustics")
    room = Room((7.0, 6.0, 3.0), (3.6, 3.1, 1.4), 0.7)
    path = still(np.radians(azimuth), 0.1, 1.2)
    field = render_sound(scene_with(path, room=room), LIBRARY, RATE)
    assert degrees_off(field, path.directions[0]) < 5.0
    dry = render_sound(scene_with(path), LIBRARY, RATE)
    assert not np.allclose(field, dry)


def test_first_reflection_is_the_mirror_image():
    pytest.importorskip("pyroomacoustics")
    room = Room((8.0, 6.0, 3.0), (4.0, 3.0, 1.5), 0.5, order=1)
    found = reflections(room, np.array([2.0, 0.0, 0.0]))
    assert len(found.gains) == 6
    front = np.argmax(found.directions[:, 0])
    assert np.allclose(found.directions[front], [1, 0, 0])
    assert found.delays[front] == pytest.approx((6.0 - 2.0) / 343.0)
    assert found.gains[front] == pytest.approx(np.sqrt(0.5) * 2.0 / 6.0)
    left = np.argmax(found.directions[:, 1])
    assert np.allclose(found.directions[left], np.array([2.0, 6.0, 0.0]) / np.hypot(2, 6))


def test_fractional_delay_of_a_reflection():
    pytest.importorskip("pyroomacoustics")
    room = Room((8.0, 6.0, 3.0), (4.0, 3.0, 1.5), 0.5, order=1)
    found = reflections(room, np.array([2.0, 0.0, 0.0]))
    front = int(np.argmax(found.directions[:, 0]))
    only = type(found)(found.directions[[front]], found.gains[[front]], found.delays[[front]])
    tone = 1000.0
    clock = np.arange(RATE) / RATE
    spectrum = impulse_response(only, RATE)[0] @ np.exp(
        -2j * np.pi * tone * np.arange(len(impulse_response(only, RATE)[0])) / RATE
    )
    expected = only.gains[0] * np.exp(-2j * np.pi * tone * (only.delays[0] + HALF_TAPS / RATE))
    assert abs(spectrum - expected) < 0.01 * abs(expected)
    played = reverberate(
        np.sin(2 * np.pi * tone * clock),
        np.zeros(1),
        np.array([[2.0, 0, 0]]),
        replace(room, absorption=1.0),
        RATE,
    )
    assert np.abs(played).max() < 1e-9


def test_reflections_arrive_after_the_direct_sound_by_their_detour():
    pytest.importorskip("pyroomacoustics")
    room, place = Room((8.0, 6.0, 3.0), (4.0, 3.0, 1.5), 0.5, order=1), np.array([2.0, 0.5, 0.2])
    click = np.zeros(RATE)
    click[100] = 1.0
    heard = reverberate(click, np.zeros(1), place[None], room, RATE)[0]
    found, tone = reflections(room, place), 700.0
    spectrum = heard @ np.exp(-2j * np.pi * tone * (np.arange(RATE) - 100) / RATE)
    expected = np.sum(found.gains * np.exp(-2j * np.pi * tone * found.delays))
    assert abs(spectrum - expected) < 0.01 * np.abs(found.gains).sum()


def test_moving_reflections_of_a_still_position_equal_still_ones():
    pytest.importorskip("pyroomacoustics")
    room = Room((7.0, 6.0, 3.0), (3.6, 3.1, 1.4), 0.4, order=3)
    mono = np.random.default_rng(0).standard_normal(RATE)
    place = np.array([1.0, 1.0, 0.2])
    one = reverberate(mono, np.zeros(1), place[None], room, RATE)
    many = reverberate(mono, np.linspace(0, 1, 5), np.repeat(place[None], 5, axis=0), room, RATE)
    assert np.abs(one - many).max() < 1e-9


def test_same_seed_same_sound_and_activity_follows_it():
    scene = scene_with(still(0, 0, 2.0), kind="dog")
    assert np.array_equal(render_sound(scene, LIBRARY, RATE), render_sound(scene, LIBRARY, RATE))
    sounds = draw_sounds(scene, LIBRARY, RATE)
    active = activity(scene, sounds, 10)
    assert active.shape == (1, 20)
    assert active.max() == pytest.approx(1.0)
    burst = np.zeros(2 * RATE, np.float32)
    burst[RATE : RATE + RATE // 10] = 0.5
    assert np.flatnonzero(activity(scene, (DrawnSound(burst, "test"),), 10)[0]).tolist() == [10]


def test_peaks_are_safe():
    loud = DrawnSound(np.full(2 * RATE, 0.98, np.float32), "test")
    field = render_field(scene_with(still(0, 0, 0.5)), (loud,), RATE)
    assert np.abs(field).max() <= 0.8911
    assert degrees_off(field, unit_vector(0, 0)) < 0.01


def test_a_place_outside_the_room_is_refused():
    pytest.importorskip("pyroomacoustics")
    with pytest.raises(ValueError, match="outside the room"):
        reflections(Room((4.0, 4.0, 3.0), (2.0, 2.0, 1.5), 0.4), np.array([3.0, 0.0, 0.0]))
    with pytest.raises(ValueError, match="not a usable room"):
        Room((4.0, 4.0, 3.0), (5.0, 2.0, 1.5), 0.4)
