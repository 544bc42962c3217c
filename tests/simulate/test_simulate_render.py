from dataclasses import replace

import numpy as np
import pytest

from audiospace.ambisonics import (
    angular_distance,
    diffuseness,
    direction,
    directions_over_time,
    encode_moving,
    unit_vector,
)
from audiospace.simulate import Room, Scene, SoundLibrary, Source, activity, render_field, render_sound
from audiospace.simulate.microphone import self_noise
from audiospace.simulate.render import draw_ambience, draw_sounds
from audiospace.simulate.room import HALF_TAPS, SPEED_OF_SOUND, impulse_response, reflections, reverberate
from audiospace.simulate.sources import RMS, DrawnSound
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


def test_moving_gains_are_those_of_every_sample():
    path = orbit(np.radians(170), 0.3, 2.0, turn=np.radians(90), seconds=2.0)
    field = render_sound(scene_with(path), LIBRARY, RATE)
    exact = encode_moving(field[0].astype(np.float64), path.times, path.directions, RATE)
    assert np.abs(field - exact).max() < 1e-5 * np.abs(field).max()


def test_level_follows_distance():
    near, far = (render_sound(scene_with(still(0, 0, d)), LIBRARY, RATE) for d in (2.0, 4.0))
    assert np.std(near[0]) == pytest.approx(2 * np.std(far[0]), rel=1e-4)


def test_noise_around_is_as_loud_as_the_scene_says():
    quiet = scene_with(still(0, 0, 2.0), ambience_db=-20.0, seconds=4.0)
    field = render_field(quiet, (None,), RATE)
    assert 20 * np.log10(np.std(field[0]) / RMS) == pytest.approx(-20.0, abs=0.01)
    assert diffuseness(field) > 0.95


@pytest.mark.parametrize("kind", ["rain", "crowd", "bird"])
def test_a_kind_that_surrounds_the_scene_is_heard_from_everywhere(kind):
    scene = replace(scene_with(still(0, 0, 2.0), ambience_db=-10.0, seconds=4.0), ambience=kind)
    around = draw_ambience(scene, LIBRARY, RATE)
    field = render_field(scene, (None,), RATE, ambience=around)
    assert 20 * np.log10(np.std(field[0]) / RMS) == pytest.approx(-10.0, abs=0.01)
    assert diffuseness(field) > 0.9
    with pytest.raises(ValueError, match=kind):
        render_field(scene, (None,), RATE)


def test_the_microphone_adds_as_much_noise_as_the_scene_says():
    scene = replace(scene_with(still(0, 0, 2.0), seconds=4.0), microphone_db=-30.0)
    field = render_field(scene, (None,), RATE).astype(np.float64)
    assert 20 * np.log10(np.std(field[0]) / RMS) == pytest.approx(-30.0, abs=0.1)
    assert field[1:].var(axis=1) == pytest.approx(3 * field[0].var(), rel=0.03)
    shares = np.corrcoef(field) - np.eye(4)
    assert np.abs(shares).max() < 0.02


def test_self_noise_is_that_of_four_cardioid_capsules():
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    wave = unit_vector(0.7, 0.3)
    heard = 0.5 * (1 + corners @ wave)
    to_ambix = np.concatenate([np.full((4, 1), 0.5), 1.5 * corners], axis=1)
    assert heard @ to_ambix == pytest.approx([1.0, *wave])
    assert (to_ambix.T @ to_ambix).diagonal() == pytest.approx([1.0, 3.0, 3.0, 3.0])
    assert self_noise(50_000, np.random.default_rng(0)).var(axis=1) == pytest.approx([1, 3, 3, 3], rel=0.05)


@pytest.mark.parametrize("azimuth", [0, 75, -140])
def test_absorbing_room_keeps_the_direction(azimuth):
    room = Room((7.0, 6.0, 3.0), (3.6, 3.1, 1.4), 0.7)
    path = still(np.radians(azimuth), 0.1, 1.2)
    field = render_sound(scene_with(path, room=room), LIBRARY, RATE)
    assert degrees_off(field, path.directions[0]) < 5.0
    dry = render_sound(scene_with(path), LIBRARY, RATE)
    assert not np.allclose(field, dry)


def test_first_reflection_is_the_mirror_image():
    room = Room((8.0, 6.0, 3.0), (4.0, 3.0, 1.5), 0.5, order=1)
    found = reflections(room, np.array([2.0, 0.0, 0.0]))
    assert len(found.gains) == 6
    front = np.argmax(found.directions[:, 0])
    assert np.allclose(found.directions[front], [1, 0, 0])
    assert found.delays[front] == pytest.approx((6.0 - 2.0) / 343.0)
    assert found.gains[front] == pytest.approx(np.sqrt(0.5) * 2.0 / 6.0)
    left = np.argmax(found.directions[:, 1])
    assert np.allclose(found.directions[left], np.array([2.0, 6.0, 0.0]) / np.hypot(2, 6))


def test_image_sources_are_those_of_pyroomacoustics():
    pyroomacoustics = pytest.importorskip("pyroomacoustics")
    room, place = Room((6.0, 5.0, 3.0), (3.1, 2.2, 1.4), 0.5, order=5), np.array([-1.3, 0.9, 0.4])
    box = pyroomacoustics.ShoeBox(
        list(room.size), materials=pyroomacoustics.Material(room.absorption), max_order=room.order
    )
    box.add_source((place + room.listener).tolist())
    box.add_microphone(list(room.listener))
    box.image_source_model()
    source = box.sources[0]
    mirrored = np.asarray(source.orders) > 0
    offsets = source.images.T[mirrored].astype(np.float64) - room.listener
    lengths = np.linalg.norm(offsets, axis=1)
    gains = source.damping.mean(axis=0)[mirrored] * np.linalg.norm(place) / lengths
    found = reflections(room, place)
    assert len(found.gains) == len(gains)
    for offset, length, gain in zip(offsets, lengths, gains, strict=True):
        delay = (length - np.linalg.norm(place)) / SPEED_OF_SOUND
        near = np.abs(found.delays - delay) + np.linalg.norm(found.directions - offset / length, axis=1)
        assert near.min() < 1e-6
        assert found.gains[near.argmin()] == pytest.approx(gain, rel=1e-5)


def test_fractional_delay_of_a_reflection():
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
    room, place = Room((8.0, 6.0, 3.0), (4.0, 3.0, 1.5), 0.5, order=1), np.array([2.0, 0.5, 0.2])
    click = np.zeros(RATE)
    click[100] = 1.0
    heard = reverberate(click, np.zeros(1), place[None], room, RATE)[0]
    found, tone = reflections(room, place), 700.0
    spectrum = heard @ np.exp(-2j * np.pi * tone * (np.arange(RATE) - 100) / RATE)
    expected = np.sum(found.gains * np.exp(-2j * np.pi * tone * found.delays))
    assert abs(spectrum - expected) < 0.01 * np.abs(found.gains).sum()


def test_moving_reflections_of_a_still_position_equal_still_ones():
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
    with pytest.raises(ValueError, match="outside the room"):
        reflections(Room((4.0, 4.0, 3.0), (2.0, 2.0, 1.5), 0.4), np.array([3.0, 0.0, 0.0]))
    with pytest.raises(ValueError, match="not a usable room"):
        Room((4.0, 4.0, 3.0), (5.0, 2.0, 1.5), 0.4)
