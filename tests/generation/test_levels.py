import numpy as np
import pytest

from audiospace.ambisonics import loudness, normalise
from audiospace.generation.levels import level, samples_in
from audiospace.media import Sound, held


@pytest.mark.parametrize("gain", [0.01, 0.1, 30.0])
def test_one_gain_for_all_channels(gain):
    sound = np.random.default_rng(0).standard_normal((4, 48000)).astype(np.float32) * 0.1
    [levelled] = level(held(gain * sound, 48000)).blocks()
    ratio = levelled / sound
    assert np.allclose(ratio, ratio[0, 0], rtol=1e-3)
    assert loudness(levelled, 48000) == pytest.approx(-23, abs=0.1)
    assert np.abs(levelled).max() <= 0.892


def test_in_blocks_it_is_normalised_as_the_whole():
    sound = 0.01 * np.random.default_rng(0).standard_normal((4, 100_000)).astype(np.float32)
    starts = range(0, 100_000, 997)
    cut = Sound(4, 48000, 100_000, lambda: (sound[:, start : start + 997] for start in starts))
    levelled = np.concatenate(list(level(cut).blocks()), axis=1)
    assert levelled == pytest.approx(normalise(sound, 48000).sound, abs=1e-6)


def test_silence_stays_silence():
    [levelled] = level(held(np.zeros((4, 48000)), 48000)).blocks()
    assert not levelled.any()


@pytest.mark.parametrize(("seconds", "samples"), [(10.01, 480480), (0.0, 1), (1 / 3, 16000)])
def test_known_lengths(seconds, samples):
    assert samples_in(seconds, 48000) == samples
