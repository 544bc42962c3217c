import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audiospace.ambisonics import encode, loudness, normalise, peak_safe_gain

RATE = 48000


def _tone(decibels, seconds=3.0):
    return 10 ** (decibels / 20) * np.sin(2 * np.pi * 997 * np.arange(int(seconds * RATE)) / RATE)


def test_the_reference_tone_of_the_standard():
    # BS.1770: a 997 Hz tone of full scale in one front channel reads -3.01 LKFS
    assert loudness(encode(_tone(0), 0.3, 0.1), RATE) == pytest.approx(-3.01, abs=0.05)
    assert loudness(encode(_tone(-20), 0.3, 0.1), RATE) == pytest.approx(-23.01, abs=0.05)


def test_normalising_reaches_the_loudness_with_one_gain():
    field = encode(_tone(-40), 0.3, 0.1).astype(np.float32)
    sound, gain = normalise(field, RATE, target_lufs=-20)
    assert loudness(sound, RATE) == pytest.approx(-20, abs=0.05)
    assert sound.dtype == np.float32
    np.testing.assert_allclose(sound, gain * field, rtol=1e-5)


def test_peaks_come_before_loudness():
    clicks = np.zeros(3 * RATE)
    clicks[:: RATE // 4] = 1.0
    sound, gain = normalise(encode(clicks, 0.0, 0.0), RATE, target_lufs=-5, peak=0.5)
    assert np.abs(sound).max() == pytest.approx(0.5)
    assert gain == pytest.approx(0.5)


def test_silence_stays_silence():
    sound, gain = normalise(np.zeros((4, RATE)), RATE)
    assert gain == 1
    assert not sound.any()
    assert loudness(np.zeros((4, RATE)), RATE) == -np.inf
    assert normalise(np.zeros((4, 0)), RATE).gain == 1


def test_short_sounds_have_a_loudness():
    assert np.isfinite(loudness(encode(_tone(0, 0.05), 0.0, 0.0), RATE))


def test_what_is_below_the_gate_is_not_amplified():
    assert normalise(1e-6 * encode(_tone(0), 0.0, 0.0), RATE).gain == 1


@settings(max_examples=20)
@given(st.floats(0.01, 100))
def test_the_peak_safe_gain_keeps_the_peak(level):
    field = level * np.random.default_rng(0).uniform(-1, 1, (4, 100))
    gain = peak_safe_gain(field, 0.8)
    assert 0 < gain <= 1
    assert np.abs(gain * field).max() <= 0.8 + 1e-12
    assert gain == 1 or np.abs(gain * field).max() == pytest.approx(0.8)
