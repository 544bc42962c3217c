from itertools import pairwise

import numpy as np
import pytest

from audiospace.ambisonics import covariance, direction_of, encode, unit_vector
from audiospace.metrics import (
    NotFiniteError,
    UndefinedError,
    point_source,
    summarise,
    without_direction,
)
from audiospace.metrics.sound_field import is_silent, shared


def noise(samples, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal((4, samples)).astype(dtype)


@pytest.mark.parametrize("rate", [48000, 44100, 22050, 8000])
def test_slices_are_the_covariances_of_50_ms(rate):
    sound = noise(2 * rate + 37)
    field = summarise([sound], rate)
    edges = [*(round(i * rate / 20) for i in range(41)), sound.shape[1]]
    assert field.counts.tolist() == np.diff(edges).tolist()
    expected = [covariance(sound[:, a:b]) for a, b in pairwise(edges)]
    np.testing.assert_allclose(field.covariances, expected, rtol=1e-12, atol=1e-15)
    assert field.samples == sound.shape[1]
    assert field.seconds == sound.shape[1] / rate


@pytest.mark.parametrize("size", [1, 7, 799, 800, 801, 5000])
def test_blocks_of_any_size_give_the_same(size):
    sound = noise(4321)
    blocks = [sound[:, i : i + size] for i in range(0, sound.shape[1], size)]
    field = summarise([sound[:, :0], *blocks], 16000)
    expected = summarise([sound], 16000)
    assert field.counts.tolist() == expected.counts.tolist()
    np.testing.assert_allclose(field.covariances, expected.covariances, rtol=1e-12, atol=1e-14)


def test_whole_and_windows_are_those_of_the_samples():
    sound = noise(16000 * 2 + 5000)
    field = summarise([sound], 16000)
    np.testing.assert_allclose(field.whole, covariance(sound), rtol=1e-12, atol=1e-15)
    windows = field.windows(20)
    assert windows.shape == (2, 4, 4)
    np.testing.assert_allclose(windows[0], covariance(sound[:, :16000]), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(windows[1], covariance(sound[:, 16000:]), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("slices", "windows"), [(1, 1), (9, 1), (20, 1), (29, 1), (30, 2), (40, 2), (50, 3)])
def test_a_rest_of_half_a_window_is_a_window(slices, windows):
    field = summarise([noise(slices * 50)], 1000)
    assert field.windows(20).shape == (windows, 4, 4)


def test_no_sound_has_no_windows():
    field = summarise([], 16000)
    assert field.windows(20).shape == (0, 4, 4)
    assert not field.whole.any()
    assert is_silent(field.whole)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [0, 900, 2999])
def test_values_that_are_not_finite_are_named(bad, at):
    sound = noise(3000)
    sound[2, at] = bad
    with pytest.raises(NotFiniteError, match="not finite"):
        summarise([sound[:, :1000], sound[:, 1000:]], 16000)


@pytest.mark.parametrize("shape", [(2, 100), (1, 4, 100), (100,)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="expected sound"):
        summarise([np.zeros(shape)], 16000)


def test_a_rate_below_one_sample_a_slice_is_refused():
    with pytest.raises(ValueError, match="at least 20"):
        summarise([noise(100)], 19)


def test_shared_cuts_to_the_time_that_both_have():
    first, second = shared(summarise([noise(16000)], 16000), summarise([noise(24000)], 48000))
    assert len(first.counts) == len(second.counts) == 10


@pytest.mark.parametrize("silence", [np.zeros((4, 0)), np.zeros((4, 16000)), np.full((4, 16000), 1e-8)])
def test_silence_cannot_be_compared(silence):
    sound, silent = summarise([noise(16000)], 16000), summarise([silence], 16000)
    with pytest.raises(UndefinedError, match="silent"):
        shared(silent, sound)
    with pytest.raises(UndefinedError, match="silent"):
        shared(sound, silent)


def test_a_point_source_is_a_plane_wave_of_the_same_level():
    sound = noise(16000)
    direction = unit_vector(0.7, -0.3)
    field = point_source(summarise([sound], 16000), direction)
    expected = summarise([encode(sound[0], 0.7, -0.3)], 16000)
    np.testing.assert_allclose(field.covariances, expected.covariances, atol=1e-6)
    assert direction_of(field.whole).diffuseness == pytest.approx(0, abs=1e-12)


def test_a_point_source_can_move():
    directions = unit_vector(np.linspace(-1, 1, 20), 0.2)
    field = point_source(summarise([noise(16000)], 16000), directions)
    for matrix, expected in zip(field.covariances, directions, strict=True):
        np.testing.assert_allclose(direction_of(matrix).vector, expected, atol=1e-12)


def test_directions_of_another_number_are_refused():
    with pytest.raises(ValueError, match="shape"):
        point_source(summarise([noise(16000)], 16000), np.zeros((19, 3)))


def test_without_direction_only_w_is_left():
    field = summarise([noise(16000)], 16000)
    mono = without_direction(field)
    np.testing.assert_array_equal(mono.covariances[:, 0, 0], field.covariances[:, 0, 0])
    rest = mono.covariances.copy()
    rest[:, 0, 0] = 0
    assert not rest.any()
