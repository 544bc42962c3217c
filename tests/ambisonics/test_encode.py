import numpy as np
import pytest

from audiospace.ambisonics import (
    angles,
    direction,
    directions_at,
    directions_over_time,
    encode,
    encode_moving,
    from_mono,
    from_stereo,
    harmonics_of,
    stereo,
    unit_vector,
)

RATE = 8000


def _noise(samples=4000, dtype=np.float64):
    return np.random.default_rng(0).standard_normal(samples).astype(dtype)


def test_known_gains():
    s = _noise(10)
    np.testing.assert_allclose(encode(s, np.pi / 2, 0.0), [s, s, 0 * s, 0 * s], atol=1e-12)
    np.testing.assert_allclose(encode(s, 0.0, np.pi / 2), [s, 0 * s, s, 0 * s], atol=1e-12)
    np.testing.assert_allclose(encode(s, 0.0, 0.0), [s, 0 * s, 0 * s, s], atol=1e-12)


def test_type_and_leading_dimensions_are_kept():
    batch = np.stack([_noise(10, np.float32)] * 3)
    assert encode(batch, 0.1, 0.2).shape == (3, 4, 10)
    assert encode(batch, 0.1, 0.2).dtype == np.float32
    each = encode(batch, np.array([0.0, 1.0, 2.0]), 0.0)
    np.testing.assert_allclose(each[2], encode(batch[2], 2.0, 0.0))


def test_a_moving_source_at_rest_is_a_still_one():
    s = _noise(dtype=np.float32)
    moving = encode_moving(s, np.array([0.0, 1.0]), np.stack([unit_vector(1.0, 0.3)] * 2), RATE)
    assert moving.dtype == np.float32
    np.testing.assert_allclose(moving, encode(s, 1.0, 0.3), atol=1e-6)


def test_every_sample_has_its_own_direction():
    samples = 70000  # more than one block
    times, keys = (
        np.array([0.0, 4.0, 8.0]),
        unit_vector(np.array([0.0, 1.5, 3.0]), np.array([0.0, 0.5, -0.2])),
    )
    field = encode_moving(np.ones(samples), times, keys, RATE)
    np.testing.assert_allclose(field, harmonics_of(directions_at(times, keys, np.arange(samples) / RATE)).T)
    steps = np.abs(np.diff(field, axis=-1))
    assert steps.max() < 1.01 * 1.6 / 4 / RATE  # no step larger than the motion itself: no zipper noise


def test_a_circling_source_is_followed():
    times = np.linspace(0, 2, 9)
    field = encode_moving(_noise(2 * RATE), times, unit_vector(np.pi * times, 0.0), RATE)
    track = directions_over_time(field, RATE, window=0.1, hop=0.1)
    error = angles(unit_vector(track.azimuth - np.pi * track.times, 0.0))[0]
    assert np.abs(error).max() < np.radians(4)
    assert np.degrees(track.azimuth[5]) == pytest.approx(99, abs=4)  # at 0.55 s, to the left


def test_pseudo_fields():
    left, right = _noise(100), _noise(200)[100:]
    field = from_stereo(np.stack([left, right]))
    np.testing.assert_allclose(field, [(left + right) / 2, (left - right) / 2, 0 * left, 0 * left])
    np.testing.assert_allclose(from_stereo(np.stack([left, left])), from_mono(left))
    assert direction(from_stereo(np.stack([left, 0 * left]))).azimuth == pytest.approx(np.pi / 2)
    np.testing.assert_allclose(2 * stereo(field), [left, right])


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="samples"):
        encode_moving(np.zeros((2, 10)), np.zeros(1), np.ones((1, 3)), RATE)
    with pytest.raises(ValueError, match="2, samples"):
        from_stereo(np.zeros((3, 10)))
