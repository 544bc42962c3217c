import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospace.ambisonics import (
    angular_distance,
    covariances_over_time,
    diffuseness,
    direction,
    directions_over_time,
    encode,
    intensity,
    unit_vector,
)

RATE = 44100
NOISE = np.random.default_rng(0).standard_normal(3000)


@given(st.floats(-np.pi, np.pi), st.floats(-np.pi / 2, np.pi / 2), st.sampled_from([np.float32, np.float64]))
def test_encoding_then_estimating_gives_the_direction(azimuth, elevation, dtype):
    found = direction(encode(NOISE.astype(dtype), azimuth, elevation))
    assert angular_distance(found.vector, unit_vector(azimuth, elevation)) < np.radians(0.1)
    assert angular_distance(unit_vector(found.azimuth, found.elevation), found.vector) < 1e-6
    assert found.diffuseness == pytest.approx(0, abs=1e-6)
    assert found.energy == pytest.approx(np.mean(NOISE**2), rel=1e-5)


def test_the_direction_survives_a_tenth_of_diffuse_noise():
    rng = np.random.default_rng(1)
    field = encode(rng.standard_normal(RATE), 1.0, 0.3)
    field += (
        0.1 * rng.standard_normal((4, RATE)) * np.array([1, 1, 1, 1])[:, None] / np.sqrt([[1], [3], [3], [3]])
    )
    found = direction(field)
    assert angular_distance(found.vector, unit_vector(1.0, 0.3)) < np.radians(0.1)
    assert 0 < found.diffuseness < 0.02


def test_intensity_is_in_the_order_x_y_z():
    np.testing.assert_allclose(
        intensity(encode(NOISE, np.pi / 2, 0.0)), [0, np.mean(NOISE**2), 0], atol=1e-12
    )
    batch = np.stack([encode(NOISE, 0.0, 0.0), encode(NOISE, 0.0, np.pi / 2)])
    np.testing.assert_allclose(intensity(batch) / np.mean(NOISE**2), [[1, 0, 0], [0, 0, 1]], atol=1e-12)


def test_the_direction_does_not_depend_on_the_level():
    quiet = direction(1e-8 * encode(NOISE, 2.0, -0.7))
    assert (quiet.azimuth, quiet.elevation) == pytest.approx((2.0, -0.7))


def test_a_diffuse_field_is_diffuse():
    rng = np.random.default_rng(1)
    waves = unit_vector(rng.uniform(-np.pi, np.pi, 200), np.arcsin(rng.uniform(-1, 1, 200)))
    field = sum(encode(rng.standard_normal(20000), np.arctan2(y, x), np.arcsin(z)) for x, y, z in waves)
    assert diffuseness(field) > 0.9


def test_silence_has_no_direction():
    found = direction(np.zeros((4, 100)))
    assert (found.azimuth, found.elevation, found.energy, found.diffuseness) == (0, 0, 0, 1)
    np.testing.assert_array_equal(found.vector, 0)


def test_opposite_sources_cancel():
    field = encode(NOISE, 0.5, 0.0) + encode(np.roll(NOISE, 1000), 0.5 + np.pi, 0.0)
    assert diffuseness(field) > 0.9


def test_windows_are_centred_and_each_has_its_own_direction():
    seconds = 2
    left, up = (
        encode(np.tile(NOISE, 15)[:RATE], np.pi / 2, 0.0),
        encode(np.tile(NOISE, 15)[:RATE], 0.0, np.pi / 2),
    )
    track = directions_over_time(np.concatenate([left, up], axis=-1), RATE, window=0.1, hop=0.25)
    np.testing.assert_allclose(track.times, 0.125 + 0.25 * np.arange(4 * seconds))
    np.testing.assert_allclose(track.vectors[:4], [[0, 1, 0]] * 4, atol=1e-9)
    np.testing.assert_allclose(track.vectors[4:], [[0, 0, 1]] * 4, atol=1e-9)
    np.testing.assert_allclose(track.elevation[4:], np.pi / 2)


def test_silent_windows_are_exactly_silent():
    field = np.concatenate([1e4 * encode(NOISE, 1.0, 0.0), np.zeros((4, 3000))], axis=-1)
    track = directions_over_time(field, 1000, window=1.0, hop=1.0)
    np.testing.assert_array_equal(track.energy > 0, [True] * 3 + [False] * 3)
    np.testing.assert_array_equal(track.vectors[3:], 0)


def test_short_and_empty_sounds():
    assert len(directions_over_time(np.ones((4, 3)), RATE).times) == 1
    assert len(directions_over_time(np.ones((4, 0)), RATE).times) == 0
    outside = covariances_over_time(np.ones((4, 100)), 100, np.array([-5.0, 0.5, 9.0]), 0.1)
    np.testing.assert_array_equal(outside[:, 0, 0], [0, 1, 0])


def test_ten_seconds_are_fast():
    field = np.random.default_rng(0).standard_normal((4, 10 * RATE)).astype(np.float32)
    start = time.perf_counter()
    directions_over_time(field, RATE)
    assert time.perf_counter() - start < 1


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="4, samples"):
        direction(np.zeros((2, 4, 10)))
    with pytest.raises(ValueError, match="hop"):
        directions_over_time(np.zeros((4, 10)), RATE, hop=0)
    with pytest.raises(ValueError, match="window"):
        directions_over_time(np.zeros((4, 10)), RATE, window=0)
