import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospace import ambisonics
from audiospace.ambisonics import Convention, from_ambix, head_locked, to_ambix


def _field(dtype=np.float64):
    return np.random.default_rng(0).standard_normal((4, 50)).astype(dtype)


def test_every_public_name_exists():
    assert all(hasattr(ambisonics, name) for name in ambisonics.__all__)


@given(st.sampled_from(Convention), st.sampled_from([np.float32, np.float64]))
def test_round_trip_through_every_convention(convention, dtype):
    field = _field(dtype)
    stored = from_ambix(field, convention)
    assert stored.shape == (convention.channels, 50)
    assert stored.dtype == dtype
    np.testing.assert_allclose(to_ambix(stored, convention), field, rtol=1e-6)


def test_fuma_is_wxyz_with_w_3_db_down():
    w, y, z, x = _field()
    np.testing.assert_allclose(from_ambix(_field(), Convention.FUMA), [w / np.sqrt(2), x, y, z])


def test_n3d_raises_the_directional_channels_by_root_3():
    w, y, z, x = _field()
    root = np.sqrt(3)
    np.testing.assert_allclose(from_ambix(_field(), Convention.N3D), [w, root * y, root * z, root * x])


def test_wxyz_only_changes_the_order():
    w, y, z, x = _field()
    np.testing.assert_array_equal(from_ambix(_field(), Convention.WXYZ), [w, x, y, z])
    np.testing.assert_array_equal(to_ambix(np.stack([w, x, y, z]), Convention.WXYZ), [w, y, z, x])


def test_youtube_puts_the_head_locked_pair_last():
    stereo = np.random.default_rng(1).standard_normal((2, 50))
    stored = from_ambix(_field(), Convention.YOUTUBE6, head_locked_stereo=stereo)
    np.testing.assert_array_equal(stored[:4], _field())
    np.testing.assert_array_equal(head_locked(stored), stereo)
    assert not head_locked(from_ambix(_field(), Convention.YOUTUBE6)).any()


def test_leading_dimensions_are_kept():
    batch = np.stack([_field(), 2 * _field()])
    np.testing.assert_allclose(to_ambix(batch, Convention.FUMA)[1], to_ambix(2 * _field(), Convention.FUMA))


def test_wrong_shapes_and_types_are_refused():
    with pytest.raises(ValueError, match="6, samples"):
        to_ambix(_field(), Convention.YOUTUBE6)
    with pytest.raises(ValueError, match="floating-point"):
        to_ambix(np.zeros((4, 9), dtype=np.int16), Convention.AMBIX)
    with pytest.raises(ValueError, match="no head-locked"):
        from_ambix(_field(), Convention.FUMA, head_locked_stereo=np.zeros((2, 50)))
