import numpy as np
import pytest

from audiospace.ambisonics import SphericalHead

HEAD = SphericalHead()


def _frequency(ka):
    return np.array([ka * HEAD.speed_of_sound / (2 * np.pi * HEAD.radius)])


def test_low_frequencies_pass():
    np.testing.assert_allclose(HEAD.surface_pressure(np.zeros(1), np.linspace(-1, 1, 5)), 1)


def test_first_modes_by_hand():
    # H = 1 + (3/2) i ka cos(angle) + O(ka^2): the delay of 3 radius / (2 c) of Kuhn 1977
    ka = 1e-3
    np.testing.assert_allclose(
        HEAD.surface_pressure(_frequency(ka), np.array([1.0, 0.0, -1.0]))[0],
        [1 + 1.5j * ka, 1, 1 - 1.5j * ka],
        atol=3e-6,
    )


def test_pressure_doubles_where_the_wave_hits_at_high_frequencies():
    facing = np.abs(HEAD.surface_pressure(_frequency(50), np.array([1.0])))
    assert facing[0, 0] == pytest.approx(2, rel=0.02)


def test_there_is_a_bright_spot_at_the_back():
    # Duda and Martens 1998: waves that go round the sphere meet in phase opposite the source
    back, beside = np.abs(HEAD.surface_pressure(_frequency(10), np.cos(np.radians([180, 150]))))[0]
    assert back > 2 * beside


def test_the_far_side_is_later():
    frequencies = np.array([300.0])
    near, far = HEAD.surface_pressure(frequencies, np.array([1.0, -1.0]))[0]
    lead = np.angle(near * np.conj(far)) / (2 * np.pi * frequencies[0])
    assert lead == pytest.approx(3 * HEAD.radius / HEAD.speed_of_sound, rel=0.05)


def test_the_grid_integrates_harmonics_exactly():
    responses = HEAD.responses(np.array([500.0]))
    assert responses.weights.sum() == pytest.approx(1)
    moments = np.einsum("k,ki,kj->ij", responses.weights, responses.directions, responses.directions)
    np.testing.assert_allclose(moments, np.eye(3) / 3, atol=1e-12)
    assert responses.left.shape == responses.right.shape == (1, len(responses.directions))


def test_the_left_ear_is_on_the_left():
    responses = HEAD.responses(np.array([5000.0]))
    loudest = responses.directions[np.abs(responses.left[0]).argmax()]
    assert loudest[1] > 0.7
