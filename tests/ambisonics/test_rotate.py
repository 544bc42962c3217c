import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospace.ambisonics import (
    angles,
    binaural,
    direction,
    encode,
    energy_map,
    foa_matrix,
    mirror,
    rotate,
    rotate_over_time,
    rotation_matrix,
    stereo,
    surround,
    unit_vector,
)

ANGLES = st.floats(-np.pi, np.pi)
RATE = 16000
NOISE = np.random.default_rng(0).standard_normal(2000)


def _degrees(field):
    found = direction(field)
    return np.degrees(found.azimuth), np.degrees(found.elevation)


def test_positive_yaw_turns_the_scene_to_the_left():
    assert _degrees(rotate(encode(NOISE, 0.0, 0.0), rotation_matrix(np.pi / 2))) == pytest.approx((90, 0))


def test_positive_pitch_raises_the_front():
    assert _degrees(rotate(encode(NOISE, 0.0, 0.0), rotation_matrix(0.0, np.pi / 6))) == pytest.approx(
        (0, 30)
    )


def test_positive_roll_lifts_the_left_side():
    rolled = rotate(encode(NOISE, np.pi / 2, 0.0), rotation_matrix(0.0, 0.0, np.pi / 6))
    assert _degrees(rolled) == pytest.approx((90, 30))


def test_yaw_comes_after_pitch():
    turned = rotate(encode(NOISE, 0.0, 0.0), rotation_matrix(np.pi / 2, np.pi / 6))
    assert _degrees(turned) == pytest.approx((90, 30))


@given(ANGLES, ANGLES, ANGLES)
def test_rotations_are_rotations(yaw, pitch, roll):
    rotation = rotation_matrix(yaw, pitch, roll)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_allclose(foa_matrix(rotation) @ foa_matrix(rotation.T), np.eye(4), atol=1e-12)


@given(ANGLES, ANGLES, ANGLES, ANGLES, st.floats(-1.5, 1.5))
def test_rotating_the_field_is_rotating_the_source(yaw, pitch, roll, azimuth, elevation):
    rotation = rotation_matrix(yaw, pitch, roll)
    moved = angles(rotation @ unit_vector(azimuth, elevation))
    turned = rotate(encode(NOISE[:50], azimuth, elevation), rotation)
    np.testing.assert_allclose(turned, encode(NOISE[:50], *moved), atol=1e-9)


@pytest.mark.parametrize("decode", [stereo, surround, energy_map, lambda field: binaural(field, RATE)])
def test_rotating_then_decoding_is_decoding_the_rotated_source(decode):
    rotation = rotation_matrix(0.7, -0.4, 1.9)
    moved = angles(rotation @ unit_vector(-2.0, 0.5))
    np.testing.assert_allclose(
        decode(rotate(encode(NOISE, -2.0, 0.5), rotation)), decode(encode(NOISE, *moved)), atol=1e-9
    )


@given(ANGLES, ANGLES, ANGLES)
def test_energy_is_kept(yaw, pitch, roll):
    field = np.random.default_rng(1).standard_normal((4, 64))
    turned = rotate(field, rotation_matrix(yaw, pitch, roll))
    np.testing.assert_allclose(np.sum(turned[1:] ** 2, axis=0), np.sum(field[1:] ** 2, axis=0))
    np.testing.assert_array_equal(turned[0], field[0])


def test_type_and_leading_dimensions_are_kept():
    batch = np.ones((2, 3, 4, 8), dtype=np.float32)
    assert rotate(batch, rotation_matrix(1.0)).dtype == np.float32
    assert rotate(batch, rotation_matrix(1.0)).shape == batch.shape


def test_a_constant_rotation_over_time_is_a_rotation():
    field = np.random.default_rng(1).standard_normal((4, 500))
    rotation = rotation_matrix(0.3, 0.2, 0.1)
    turned = rotate_over_time(field, np.array([0.0, 1.0]), np.stack([rotation, rotation]), RATE)
    np.testing.assert_allclose(turned, rotate(field, rotation), atol=1e-12)


def test_a_rotation_over_time_is_computed_for_every_sample():
    field = encode(np.ones(RATE), 0.0, 0.0)
    keys = np.stack([rotation_matrix(0.0), rotation_matrix(1.0)])
    turned = rotate_over_time(field, np.array([0.0, 1.0]), keys, RATE)
    np.testing.assert_allclose(np.arctan2(turned[1], turned[3]), np.arange(RATE) / RATE, atol=1e-9)


@pytest.mark.parametrize(
    ("axis", "expected"), [("left-right", (-40, 20)), ("front-back", (140, 20)), ("up-down", (40, -20))]
)
def test_mirror(axis, expected):
    field = encode(NOISE, np.radians(40), np.radians(20))
    assert _degrees(mirror(field, axis)) == pytest.approx(expected)
    np.testing.assert_array_equal(mirror(mirror(field, axis), axis), field)


def test_what_is_no_rotation_is_refused():
    with pytest.raises(ValueError, match="not a rotation"):
        rotate(np.zeros((4, 10)), 2 * np.eye(3))
    with pytest.raises(ValueError, match="3, 3"):
        foa_matrix(np.eye(4))
    with pytest.raises(ValueError, match="no axis"):
        mirror(np.zeros((4, 10)), "w")
