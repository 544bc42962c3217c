import numpy as np
import pytest
from baseline_samples import RATE, in_blocks, noise, whole

from audiospace.ambisonics import (
    angular_distance,
    diffuseness,
    direction,
    directions_over_time,
    encode,
    encode_moving,
    unit_vector,
)
from audiospace.baselines import Track, room_named, spatialise, still_track, without_direction
from audiospace.errors import UserError
from audiospace.simulate.room import reverberate

MOVING = Track(np.array([0.0, 0.8, 1.4]), unit_vector([0.0, 1.5, 3.0], [0.0, 0.4, 0.0]))


@pytest.mark.parametrize("place", [(0.0, 0.0), (2.5, -0.4), (-1.0, 1.2)])
def test_mono_is_a_plane_wave_from_the_track(place):
    mono = noise(1, 0.3)
    field = whole(spatialise(in_blocks(mono), still_track(*place)))
    assert np.allclose(field, encode(mono[0], *place), rtol=0, atol=1e-6)
    assert angular_distance(direction(field).vector, unit_vector(*place)) < 1e-3


def test_a_moving_track_does_not_depend_on_blocks():
    mono = noise(1, 1.5)
    field = whole(spatialise(in_blocks(mono, 5003), MOVING))
    assert np.allclose(
        field, encode_moving(mono[0], MOVING.times, MOVING.directions, RATE), rtol=0, atol=1e-5
    )
    track = directions_over_time(field, RATE)
    assert np.max(angular_distance(track.vectors, MOVING.at(track.times))) < 0.05


def test_what_both_channels_share_is_on_the_track():
    mono = noise(1, 0.3)
    field = whole(spatialise(in_blocks(np.repeat(mono, 2, axis=0)), still_track(0.7, 0.3)))
    assert angular_distance(direction(field).vector, unit_vector(0.7, 0.3)) < 1e-3
    assert np.allclose(field[0], mono[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("channel", "to_the_left"), [(0, 30), (1, -30)])
def test_either_channel_is_thirty_degrees_beside_the_track(channel, to_the_left):
    stereo = np.zeros((2, 4800), dtype=np.float32)
    stereo[channel] = noise(1, 0.1)[0]
    field = whole(spatialise(in_blocks(stereo), still_track(1.0, 0.0)))
    assert direction(field).azimuth == pytest.approx(1.0 + np.radians(to_the_left), abs=1e-3)


def test_wide_stereo_is_more_diffuse_than_mono():
    field = whole(spatialise(in_blocks(noise(2, 0.5)), still_track(0.0, 0.0)))
    assert 0.05 < float(diffuseness(field)) < 0.5


def test_three_channels_are_refused():
    with pytest.raises(ValueError, match="one or two channels"):
        spatialise(in_blocks(noise(3, 0.1)), MOVING)


def test_without_direction_there_is_w_alone():
    mono = noise(1, 0.1)
    field = whole(without_direction(in_blocks(mono)))
    assert np.array_equal(field[0], mono[0])
    assert not field[1:].any()


@pytest.mark.parametrize(("text", "size"), [("small", (4.0, 3.5, 2.5)), ("5x7x3", (7.0, 5.0, 3.0))])
def test_rooms_by_name_or_metres(text, size):
    room = room_named(text)
    assert room.size == size
    assert 1.0 < room.listener[2] <= 1.5


@pytest.mark.parametrize("text", ["", "huge", "5x7", "5x7x3x2", "0.2x3x3", "5xnanx3", "1000x3x3"])
def test_what_is_no_room_is_refused(text):
    with pytest.raises(UserError, match="is not a room"):
        room_named(text)


def test_a_room_surrounds_the_sound_and_keeps_its_side():
    mono = noise(1, 0.5)
    dry = whole(spatialise(in_blocks(mono), still_track(1.2, 0.0)))
    wet = whole(spatialise(in_blocks(mono), still_track(1.2, 0.0), room_named("large")))
    assert wet.shape == dry.shape
    assert float(diffuseness(wet)) > 0.1
    assert angular_distance(direction(wet).vector, unit_vector(1.2, 0.0)) < 0.5
    assert np.allclose(wet[:, :200], dry[:, :200], rtol=0, atol=1e-3)  # no wall is so near


@pytest.mark.parametrize("track", [still_track(0.5, 0.2), MOVING])
def test_reflections_do_not_depend_on_how_long_pieces_are(track, monkeypatch):
    from audiospace.baselines import rooms

    monkeypatch.setattr(rooms, "_ORDER", 3)
    room = room_named("medium")
    rate = 8_000
    mono = noise(1, 1.5, rate=rate)
    times = np.linspace(0.0, 1.5, 4) if track.moving else np.zeros(1)
    expected = reverberate(mono[0], times, track.at(times) * 2.0, room, rate)
    for seconds in (10.0, 0.3):
        monkeypatch.setattr(rooms, "_CHUNK", seconds)
        found = whole(rooms.reflected(in_blocks(mono, 777, rate), track, room))
        assert np.allclose(found, expected, rtol=0, atol=1e-5)
