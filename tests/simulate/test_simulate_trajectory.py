import numpy as np
import pytest

from audiospace.ambisonics import angles
from audiospace.simulate.trajectory import Trajectory, limited, orbit, pass_by, still, wander


def test_still_source_stays():
    path = still(1.0, 0.3, 2.0)
    directions = path.direction(np.linspace(0, 10, 7))
    assert not path.moving
    assert np.allclose(angles(directions), [[1.0] * 7, [0.3] * 7])
    assert np.allclose(path.distance(np.array([0.0, 5.0])), 2.0)


def test_orbit_turns_left_at_constant_rate_across_the_seam():
    path = orbit(np.radians(150), 0.2, 2.0, turn=np.radians(90), seconds=10.0)
    azimuth, elevation = angles(path.direction(np.array([0.0, 2.5, 5.0, 10.0])))
    assert np.allclose(np.degrees(azimuth), [150, 172.5, -165, -120], atol=0.02)
    assert np.allclose(elevation, 0.2, atol=1e-3)


def test_pass_by_is_nearest_in_the_middle_and_goes_from_right_to_left():
    path = pass_by(0.0, 0.0, 2.0, half_way=3.0, seconds=8.0)
    times = np.array([0.0, 4.0, 8.0])
    azimuth, _ = angles(path.direction(times))
    assert np.degrees(azimuth) == pytest.approx([-56.31, 0.0, 56.31], abs=0.01)
    assert path.distance(times) == pytest.approx([np.sqrt(13), 2.0, np.sqrt(13)], abs=0.01)


def test_wander_is_smooth_and_near_its_speed():
    rng = np.random.default_rng(0)
    path = wander(0.0, 0.1, 2.0, speed=np.radians(20), seconds=10.0, rng=rng)
    times = np.linspace(0, 10, 101)
    directions = path.direction(times)
    steps = np.degrees(np.arccos(np.clip(np.sum(directions[1:] * directions[:-1], axis=1), -1, 1))) / 0.1
    assert steps.max() < 25
    assert steps.mean() > 5
    assert np.allclose(directions[0], [np.cos(0.1), 0, np.sin(0.1)])


def test_limited_keeps_directions():
    path = orbit(0.0, 0.0, 5.0, turn=1.0, seconds=2.0)
    short = limited(path, np.full(len(path.times), 3.0))
    assert np.array_equal(short.directions, path.directions)
    assert short.distances.max() == 3.0


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not belong together"):
        Trajectory(np.zeros(2), np.ones((1, 3)), np.ones(2))
