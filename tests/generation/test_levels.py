import numpy as np
import pytest

from audiospace.ambisonics import loudness
from audiospace.generation.levels import level, samples_in


@pytest.mark.parametrize("gain", [0.01, 0.1, 30.0])
def test_one_gain_for_all_channels(gain):
    sound = np.random.default_rng(0).standard_normal((4, 48000)).astype(np.float32) * 0.1
    levelled = level(gain * sound, 48000)
    ratio = levelled / sound
    assert np.allclose(ratio, ratio[0, 0], rtol=1e-3)
    assert loudness(levelled, 48000) == pytest.approx(-23, abs=0.1)
    assert np.abs(levelled).max() <= 0.892


def test_silence_stays_silence():
    assert not level(np.zeros((4, 48000), dtype=np.float32), 48000).any()


@pytest.mark.parametrize(("seconds", "samples"), [(10.01, 480480), (0.0, 1), (1 / 3, 16000)])
def test_known_lengths(seconds, samples):
    assert samples_in(seconds, 48000) == samples
