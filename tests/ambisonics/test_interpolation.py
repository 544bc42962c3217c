import numpy as np
import pytest

from audiospace.ambisonics import (
    angles,
    angular_distance,
    directions_at,
    rotation_matrix,
    rotations_at,
    unit_vector,
)


def test_halfway_along_the_horizon():
    keys = unit_vector(np.radians([10, 70]), 0.0)
    azimuth, elevation = angles(
        directions_at(np.array([1.0, 3.0]), keys, np.array([0.0, 1.0, 1.5, 2.0, 3.0, 9.0]))
    )
    np.testing.assert_allclose(np.degrees(azimuth), [10, 10, 25, 40, 70, 70], atol=1e-9)
    np.testing.assert_allclose(elevation, 0, atol=1e-12)


def test_goes_the_short_way_across_the_back():
    keys = unit_vector(np.radians([170, -170]), 0.0)
    middle = directions_at(np.array([0.0, 1.0]), keys, np.array([0.5]))
    np.testing.assert_allclose(middle, [[-1, 0, 0]], atol=1e-12)


def test_speed_is_constant_and_vectors_have_length_one():
    rng = np.random.default_rng(0)
    keys = rng.standard_normal((2, 3))
    path = directions_at(np.array([0.0, 1.0]), keys, np.linspace(0, 1, 101))
    np.testing.assert_allclose(np.linalg.norm(path, axis=-1), 1)
    np.testing.assert_allclose(
        angular_distance(path[1:], path[:-1]), angular_distance(*keys) / 100, rtol=1e-6
    )


@pytest.mark.parametrize("start", [[1, 0, 0], [0, 0, 1], [0, 0, -1], [0.6, 0, 0.8]])
def test_opposite_directions_have_a_defined_way(start):
    start = np.array(start, dtype=float)
    path = directions_at(np.array([0.0, 1.0]), np.stack([start, -start]), np.linspace(0, 1, 11))
    np.testing.assert_allclose(angular_distance(path[1:], path[:-1]), np.pi / 10, rtol=1e-6)
    np.testing.assert_allclose(path[-1], -start, atol=1e-12)


def test_opposite_directions_are_joined_by_the_left():
    middle = directions_at(np.array([0.0, 1.0]), np.array([[1.0, 0, 0], [-1.0, 0, 0]]), np.array([0.5]))
    np.testing.assert_allclose(middle, [[0, 1, 0]], atol=1e-12)


def test_equal_keys_stay():
    keys = np.repeat(unit_vector(0.3, 0.2)[None], 3, axis=0)
    path = directions_at(np.arange(3.0), keys, np.linspace(0, 2, 9))
    np.testing.assert_allclose(path, np.broadcast_to(keys[:1], (9, 3)), atol=1e-9)
    np.testing.assert_allclose(directions_at(np.zeros(1), keys[:1], np.arange(2.0)), keys[:2])


def test_rotation_halfway():
    rotations = np.stack([rotation_matrix(0.0), rotation_matrix(1.0)])
    between = rotations_at(np.array([0.0, 2.0]), rotations, np.array([-1.0, 1.0, 5.0]))
    expected = [rotation_matrix(yaw) for yaw in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(between, expected, atol=1e-12)


def test_unusable_keys_are_refused():
    keys = unit_vector(np.zeros(2), 0.0)
    with pytest.raises(ValueError, match="increase"):
        directions_at(np.zeros(2), keys, np.zeros(1))
    with pytest.raises(ValueError, match="one time per key"):
        directions_at(np.zeros(1), keys, np.zeros(1))
    with pytest.raises(ValueError, match="non-zero"):
        directions_at(np.arange(2.0), np.zeros((2, 3)), np.zeros(1))
