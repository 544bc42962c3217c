import numpy as np
import pyloudnorm
import pytest

from audiospace.ambisonics import loudness, measure

RATES = [16000, 22050, 44100, 48000]


def speech_like(samples, rate, seed=0):
    """W with noise that comes and goes by 60 dB, so that both gates matter; other channels are louder."""
    generator = np.random.default_rng(seed)
    swell = 10 ** (-1.5 + 1.5 * np.sin(2 * np.pi * 0.9 * np.arange(samples) / rate))
    sound = generator.standard_normal((4, samples))
    sound[0] *= 0.05 * swell
    return sound


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.45, 1.234, 7.77])
def test_loudness_is_that_of_an_independent_meter(rate, seconds):
    sound = speech_like(round(seconds * rate), rate)
    expected = pyloudnorm.Meter(rate).integrated_loudness(sound[0])
    assert loudness(sound, rate) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("samples", [1, 100, 19199, 19200, 19201])
def test_silence_follows_what_is_shorter_than_a_gating_block(samples):
    sound = speech_like(samples, 48000)
    padded = np.pad(sound[0], (0, max(0, 19201 - samples)))
    assert loudness(sound, 48000) == pytest.approx(
        pyloudnorm.Meter(48000).integrated_loudness(padded), abs=1e-9
    )


@pytest.mark.parametrize("block", [1009, 4800, 48000])
def test_measured_in_blocks_it_is_the_same(block):
    sound = speech_like(130_001, 48000).astype(np.float32)
    measured = measure((sound[:, k : k + block] for k in range(0, 130_001, block)), 48000)
    assert measured.loudness == pytest.approx(loudness(sound, 48000), abs=1e-9)
    assert measured.peak == np.abs(sound).max()


def test_nothing_and_silence_have_no_loudness():
    assert measure([], 48000) == (-np.inf, 0.0)
    assert measure([np.zeros((4, 30000)), np.zeros((4, 0))], 48000) == (-np.inf, 0.0)
