from pathlib import Path

import numpy as np
import pytest
from baseline_samples import in_blocks, noise

from audiospace.ambisonics import angular_distance, encode, encode_moving, from_mono, unit_vector
from audiospace.baselines import Track, measured_track, still_track
from audiospace.errors import UserError

SOURCE = Path("recorded.wav")


def test_a_still_track_is_where_it_is_told():
    track = still_track(np.pi / 2, 0.0)
    assert not track.moving
    assert track.at(np.array([0.0, 9.0])) == pytest.approx(np.array([[0.0, 1.0, 0.0]] * 2), abs=1e-12)


def test_turning_to_the_left_adds_to_the_azimuth():
    track = Track(np.array([0.0, 1.0]), unit_vector([0.1, 0.5], [0.2, -0.3]))
    assert track.turned(0.7).directions == pytest.approx(unit_vector([0.8, 1.2], [0.2, -0.3]))


@pytest.mark.parametrize("elevation", [-1.2, 0.0, 0.4, 1.5])
def test_beside_is_so_far_to_the_left(elevation):
    track = still_track(0.4, elevation)
    left, right = track.beside(0.5), track.beside(-0.5)
    assert angular_distance(track.directions, left.directions) == pytest.approx(0.5)
    assert angular_distance(left.directions, right.directions) == pytest.approx(1.0)
    assert float(np.cross(track.directions[0], left.directions[0])[2]) >= 0
    middle = left.directions + right.directions
    assert middle / np.linalg.norm(middle) == pytest.approx(track.directions)


def test_beside_straight_up_is_defined():
    assert still_track(0.0, np.pi / 2).beside(np.pi / 2).directions == pytest.approx(
        np.array([[0.0, 1.0, 0.0]]), abs=1e-9
    )


def test_the_direction_of_a_plane_wave_is_measured():
    field = encode(noise(1, 0.5)[0], -2.0, 0.6)
    assert measured_track(in_blocks(field), SOURCE).directions == pytest.approx(
        unit_vector(-2.0, 0.6)[None], abs=1e-5
    )


def test_a_moving_source_is_followed():
    times = np.array([0.0, 4.0])
    field = encode_moving(noise(1, 4.0)[0], times, unit_vector([-1.0, 1.0], [0.0, 0.3]), 48_000)
    truth = Track(times, unit_vector([-1.0, 1.0], [0.0, 0.3]))
    found = measured_track(in_blocks(field), SOURCE, moving=True)
    assert found.moving
    at = np.linspace(0.5, 3.5, 13)
    assert np.max(angular_distance(found.at(at), truth.at(at))) < 0.1


def test_silent_windows_are_bridged():
    mono = noise(1, 3.0)[0]
    mono[48_000:96_000] = 0.0
    field = encode(mono, 1.0, 0.0)
    found = measured_track(in_blocks(field), SOURCE, moving=True)
    assert found.directions == pytest.approx(np.tile(unit_vector(1.0, 0.0), (len(found.times), 1)), abs=1e-5)
    assert np.max(np.diff(found.times)) > 0.4


@pytest.mark.parametrize("moving", [False, True])
@pytest.mark.parametrize(
    ("field", "expected"),
    [(np.zeros((4, 48_000), dtype=np.float32), "silent"), (from_mono(noise(1, 1.0)[0]), "no direction")],
)
def test_what_has_no_direction_is_refused(field, expected, moving):
    with pytest.raises(UserError, match=f"recorded.wav: .*{expected}"):
        measured_track(in_blocks(field), SOURCE, moving=moving)


def test_a_track_has_one_direction_for_each_time():
    with pytest.raises(ValueError, match="no track"):
        Track(np.zeros(2), np.zeros((1, 3)))
