import numpy as np
import pytest

from audiospace.metrics.onsets import ONSETS_PER_SECOND, onset_strength

RATE = 16000


def clicks(at, seconds=4.0, rate=RATE, noise=1e-3):
    """Bursts of 30 ms at given seconds over faint noise, in W; the other channels are empty."""
    generator = np.random.default_rng(0)
    sound = np.zeros((4, round(seconds * rate)))
    sound[0] = noise * generator.standard_normal(sound.shape[1])
    for time in at:
        begin, length = round(time * rate), round(0.03 * rate)
        sound[0, begin : begin + length] += generator.standard_normal(length)
    return sound


def test_onsets_are_strongest_when_something_begins():
    onsets = onset_strength([clicks([0.5, 1.73, 3.1])], RATE)
    assert np.allclose(np.diff(onsets.times), 1 / ONSETS_PER_SECOND)
    found = onsets.times[np.sort(np.argsort(onsets.strength)[-3:])]
    assert np.allclose(found, [0.5, 1.73, 3.1], atol=0.03)
    assert (onsets.strength >= 0).all()
    assert np.median(onsets.strength) < 0.1 * onsets.strength.max()


def test_only_beginnings_count_not_ends():
    sound = np.zeros((4, 4 * RATE))
    sound[0, RATE : 3 * RATE] = np.random.default_rng(0).standard_normal(2 * RATE)
    onsets = onset_strength([sound], RATE)
    assert onsets.times[onsets.strength.argmax()] == pytest.approx(1.0, abs=0.03)
    after = onsets.strength[onsets.times > 1.1]
    assert after.max() < 0.1 * onsets.strength.max()


def test_gain_and_direction_make_no_difference():
    sound = clicks([0.5, 2.0])
    turned = sound.copy()
    turned[1] = sound[0]
    plain, quiet, other = (onset_strength([s], RATE).strength for s in (sound, 1e-3 * sound, turned))
    assert np.allclose(plain, quiet)
    assert np.array_equal(plain, other)


@pytest.mark.parametrize("size", [1, 77, 320, 50000])
def test_blocks_make_no_difference(size):
    sound = clicks([0.3], seconds=1.0)
    whole = onset_strength([sound], RATE)
    blocks = [sound[:, begin : begin + size] for begin in range(0, sound.shape[1], size)]
    parts = onset_strength(iter(blocks), RATE)
    assert np.array_equal(parts.times, whole.times)
    assert np.allclose(parts.strength, whole.strength)


def test_more_blocks_than_are_transformed_at_once():
    sound = clicks([0.5, 3.5])
    long = np.concatenate([sound] * 4, axis=1)
    onsets = onset_strength([long], RATE)
    assert len(onsets.times) == 16 * ONSETS_PER_SECOND - 2
    strongest = np.sort(onsets.times[np.argsort(onsets.strength)[-8:]])
    assert np.allclose(strongest, [k * 4 + t for k in range(4) for t in (0.5, 3.5)], atol=0.03)


def test_the_sample_rate_makes_little_difference():
    at = [0.5, 1.2, 2.9]
    slow, fast = (onset_strength([clicks(at, rate=rate)], rate) for rate in (44100, 48000))
    assert np.allclose(slow.times, fast.times, atol=1e-9)
    assert np.corrcoef(slow.strength, fast.strength)[0, 1] > 0.95


def test_silence_and_steady_tones_have_no_onsets():
    assert onset_strength([np.zeros((4, RATE))], RATE).strength.max() == 0
    tone = np.zeros((4, RATE))
    tone[0] = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    assert onset_strength([tone], RATE).strength.max() < 1e-6


def test_hardly_any_sound_has_no_onsets_and_wrong_shapes_are_refused():
    assert len(onset_strength([], RATE).times) == 0
    assert len(onset_strength([np.ones((4, 500))], RATE).times) == 0
    with pytest.raises(ValueError, match="expected sound"):
        onset_strength([np.zeros((2, 100))], RATE)
    with pytest.raises(ValueError, match="at least 1000 Hz"):
        onset_strength([], 100)


def test_samples_that_are_not_finite_do_not_go_unnoticed():
    sound = clicks([0.5], seconds=1.0)
    sound[0, 4000] = np.nan
    assert np.isnan(onset_strength([sound], RATE).strength).any()
