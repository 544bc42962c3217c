import time

import numpy as np
import pytest

from audiospace.ambisonics import encode, energy_map, energy_maps, from_mono, rotate, rotation_matrix

RATE = 44100
NOISE = np.random.default_rng(0).standard_normal(2000)


@pytest.mark.parametrize("beam", ["max-re", "cardioid", "hypercardioid"])
@pytest.mark.parametrize(
    ("row", "column"), [(0, 5), (16, 0), (15, 31), (16, 32), (9, 16), (31, 63), (20, 48)]
)
def test_a_plane_wave_is_brightest_in_its_own_pixel(beam, row, column):
    azimuth, elevation = np.pi - 2 * np.pi * (column + 0.5) / 64, np.pi / 2 - np.pi * (row + 0.5) / 32
    found = energy_map(encode(NOISE, azimuth, elevation), beam=beam)
    assert np.unravel_index(found.argmax(), found.shape) == (row, column)
    assert found.max() == pytest.approx(np.mean(NOISE**2))


def test_the_left_is_on_the_left_and_up_is_above():
    assert energy_map(encode(NOISE, np.pi / 2, 0.0)).argmax() % 64 in (15, 16)
    assert energy_map(encode(NOISE, 0.0, np.pi / 3)).argmax() // 64 < 8


def test_a_cardioid_is_silent_at_the_back():
    found = energy_map(encode(NOISE, 0.0, 0.0), beam="cardioid")
    assert found[:, [0, -1]][15:17].max() < 1e-3 * found.max()


def test_sound_without_direction_is_everywhere():
    found = energy_map(from_mono(NOISE))
    np.testing.assert_allclose(found, found[0, 0])


def test_turning_the_sound_by_a_column_shifts_the_map_by_a_column():
    field = np.random.default_rng(1).standard_normal((4, 500))
    turned = energy_map(rotate(field, rotation_matrix(2 * np.pi / 64)))
    np.testing.assert_allclose(turned, np.roll(energy_map(field), -1, axis=1))


def test_maps_over_time_are_maps_of_the_windows():
    field = np.random.default_rng(1).standard_normal((4, 1000))
    maps = energy_maps(field, 1000, np.array([0.25, 0.75]), 0.5, 8, 16)
    np.testing.assert_allclose(maps, [energy_map(field[:, :500], 8, 16), energy_map(field[:, 500:], 8, 16)])


def test_a_hundred_maps_of_ten_seconds_are_fast():
    field = np.random.default_rng(0).standard_normal((4, 10 * RATE)).astype(np.float32)
    start = time.perf_counter()
    maps = energy_maps(field, RATE, (np.arange(100) + 0.5) / 10, 0.1)
    assert time.perf_counter() - start < 1
    assert maps.shape == (100, 32, 64)


def test_an_unknown_beam_is_refused():
    with pytest.raises(ValueError, match="no beam"):
        energy_map(np.zeros((4, 10)), beam="laser")
