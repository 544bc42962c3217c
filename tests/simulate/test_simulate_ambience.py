import numpy as np
import pytest

from audiospace.ambisonics import diffuseness, encode, harmonics_of, rotate, rotation_matrix
from audiospace.simulate.ambience import DIPOLE, ICOSAHEDRON, diffuse_noise, spread

RATE = 16000


def test_directions_are_spread_evenly():
    gains = harmonics_of(ICOSAHEDRON)
    assert np.linalg.norm(ICOSAHEDRON, axis=1) == pytest.approx(1.0)
    assert gains.T @ gains / 12 == pytest.approx(np.diag([1, DIPOLE**2, DIPOLE**2, DIPOLE**2]))


def test_noise_is_diffuse_and_levelled():
    field = diffuse_noise(4 * RATE, RATE, np.random.default_rng(0))
    assert field.shape == (4, 4 * RATE)
    assert field.dtype == np.float32
    assert np.sqrt(np.mean(field**2, axis=1)) == pytest.approx([1, DIPOLE, DIPOLE, DIPOLE], rel=1e-4)
    assert diffuseness(field) > 0.95
    assert np.array_equal(field, diffuse_noise(4 * RATE, RATE, np.random.default_rng(0)))


def test_slope_and_corners_shape_the_spectrum():
    power = np.abs(np.fft.rfft(diffuse_noise(8 * RATE, RATE, np.random.default_rng(1), slope=1.0)[0])) ** 2
    frequencies = np.fft.rfftfreq(8 * RATE, 1 / RATE)

    def level(low, high):
        return 10 * np.log10(power[(frequencies > low) & (frequencies < high)].mean())

    assert level(900, 1100) - level(1800, 2200) == pytest.approx(6.0, abs=0.7)
    assert level(5, 10) < level(100, 200) - 8


def test_a_recording_is_heard_from_everywhere_and_no_direction_stays():
    rng = np.random.default_rng(2)
    mono = rng.standard_normal(4 * RATE) * np.repeat(rng.uniform(0.2, 1.0, 40), RATE // 10)
    field = spread(mono, np.random.default_rng(3))
    assert diffuseness(encode(mono, 0.3, 0.2)) < 0.01
    assert diffuseness(field) > 0.9
    assert diffuseness(rotate(field, rotation_matrix(1.0))) == pytest.approx(diffuseness(field), abs=1e-4)
    assert np.sqrt(np.mean(field**2, axis=1)) == pytest.approx([1, DIPOLE, DIPOLE, DIPOLE], rel=1e-3)


def test_spreading_keeps_the_spectrum():
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    mono = tone + 0.1 * np.random.default_rng(0).standard_normal(RATE)
    assert np.abs(np.fft.rfft(spread(mono, np.random.default_rng(5))[0])).argmax() == 440
