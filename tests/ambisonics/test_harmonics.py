import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospace.ambisonics import angles, angular_distance, first_order, harmonics_of, unit_vector

AZIMUTHS = st.floats(-np.pi, np.pi)
ELEVATIONS = st.floats(-np.pi / 2, np.pi / 2)


@pytest.mark.parametrize(
    ("degrees", "vector"),
    [
        ((0, 0), (1, 0, 0)),
        ((90, 0), (0, 1, 0)),
        ((-90, 0), (0, -1, 0)),
        ((0, 90), (0, 0, 1)),
        ((180, 0), (-1, 0, 0)),
    ],
)
def test_axes_are_front_left_up(degrees, vector):
    np.testing.assert_allclose(unit_vector(*np.radians(degrees)), vector, atol=1e-15)


def test_gains_of_a_known_direction():
    # azimuth 30 degrees, elevation 60: sin a cos e = 1/4, sin e = sqrt(3)/2, cos a cos e = sqrt(3)/4
    expected = [1, 0.25, np.sqrt(3) / 2, np.sqrt(3) / 4]
    np.testing.assert_allclose(first_order(np.radians(30), np.radians(60)), expected)
    np.testing.assert_allclose(harmonics_of(unit_vector(np.radians(30), np.radians(60))), expected)


@given(AZIMUTHS, ELEVATIONS)
def test_angles_undo_unit_vector(azimuth, elevation):
    vector = unit_vector(azimuth, elevation)
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert angular_distance(unit_vector(*angles(3 * vector)), vector) < 1e-7


def test_angles_broadcast():
    azimuth, elevation = angles(unit_vector(np.zeros((5, 1)), np.linspace(-1, 1, 7)))
    assert azimuth.shape == elevation.shape == (5, 7)
    assert [float(a) for a in angles(np.zeros(3))] == [0, 0]


def test_distances_of_known_pairs():
    front, left, back = np.eye(3)[0], np.eye(3)[1], -np.eye(3)[0]
    assert angular_distance(front, left) == pytest.approx(np.pi / 2)
    assert angular_distance(front, back) == pytest.approx(np.pi)
    tiny = unit_vector(1e-9, 0.0)
    assert angular_distance(front, tiny) == pytest.approx(1e-9, rel=1e-6)
