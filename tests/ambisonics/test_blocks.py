import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiospace.ambisonics import (
    binaural,
    binaural_blocks,
    covariance,
    covariance_of_blocks,
    covariances_of_blocks,
    covariances_over_time,
    measure,
    peak_of,
    regroup,
)

RATE = 8000


def cut(sound, *lengths):
    """The sound in pieces of these lengths, over and over, an empty one among them."""
    pieces, begin = [sound[:, :0]], 0
    while begin < sound.shape[1]:
        pieces.append(sound[:, begin : begin + lengths[len(pieces) % len(lengths)]])
        begin += pieces[-1].shape[1]
    return pieces


def field(samples, seed=0):
    return np.random.default_rng(seed).standard_normal((4, samples)).astype(np.float32)


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 7))
def test_regrouping_keeps_every_sample_in_order(lengths, size):
    ends = np.cumsum(lengths, dtype=int)
    sound = np.arange(2 * sum(lengths)).reshape(2, -1)
    groups = list(regroup([sound[:, end - n : end] for end, n in zip(ends, lengths, strict=True)], size))
    assert all(group.shape[1] == size for group in groups[:-1])
    assert not groups or 0 < groups[-1].shape[1] <= size
    assert np.array_equal(np.concatenate([sound[:, :0], *groups], axis=1), sound)


def test_blocks_of_no_samples_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        list(regroup([field(3)], 0))


@pytest.mark.parametrize("samples", [0, 1, 40, 300, 65536, 65537, 65536 + 46, 140000])
def test_headphones_hear_the_same_however_the_sound_is_cut(samples):
    sound = field(samples)
    pieces = list(binaural_blocks(cut(sound, 997, 20011), RATE))
    assert sum(piece.shape[1] for piece in pieces) == samples
    assert np.array_equal(np.concatenate(pieces, axis=1), binaural(sound, RATE))


@pytest.mark.parametrize("window", [0.0001, 0.013, 0.5, 9.0])
def test_covariances_are_the_same_however_the_sound_is_cut(window):
    sound = field(7001)
    times = np.array([0.8, -5.0, 0.0, 0.1, 0.11, 0.5, 0.87, 40.0])
    whole = covariances_over_time(sound, RATE, times, window)
    assert covariances_of_blocks(cut(sound, 13, 1000), RATE, times, window) == pytest.approx(whole, abs=1e-12)
    for matrix, time in zip(whole, times, strict=True):
        length = max(1, round(window * RATE))
        first = int(np.round(time * RATE - length / 2))
        expected = covariance(sound[:, max(0, first) : max(0, first + length)])
        assert matrix == pytest.approx(expected, abs=1e-12)


def test_covariance_of_all_blocks_is_that_of_the_whole():
    sound = field(5003)
    assert covariance_of_blocks(cut(sound, 7, 1999)) == pytest.approx(covariance(sound), abs=1e-12)
    assert not covariance_of_blocks([]).any()


def test_highest_sample_of_all_blocks():
    sound = field(1000)
    sound[2, 700] = -9.0
    assert peak_of(cut(sound, 64)) == 9.0
    assert peak_of([]) == 0.0
    sound[1, 10] = np.nan
    assert np.isnan(peak_of(cut(sound, 64)))
    sound[1, 10] = np.inf
    assert peak_of(cut(sound, 64)) == np.inf


@pytest.mark.parametrize("shape", [(3, 10), (2, 4, 10)])
def test_blocks_of_other_shapes_are_refused(shape):
    for work in (measure, lambda blocks, rate: covariances_of_blocks(blocks, rate, np.zeros(1), 0.1)):
        with pytest.raises(ValueError, match="4"):
            work([np.zeros(shape)], RATE)
