import numpy as np
import pytest

from audiospace.metrics.onsets import Onsets, onset_strength
from audiospace.metrics.sound_field import UndefinedError
from audiospace.metrics.synchrony import synchrony

RATE, SECONDS = 16000, 20.0
EVENTS = np.array([0.9, 2.3, 4.0, 5.1, 7.2, 8.8, 9.5, 11.9, 13.4, 15.0, 16.2, 18.7])
TIMES = (np.arange(round(12 * SECONDS)) + 0.5) / 12


def sound_of(events, gain=1.0):
    generator = np.random.default_rng(0)
    sound = np.zeros((4, round(SECONDS * RATE)))
    sound[0] = 0.003 * generator.standard_normal(sound.shape[1])
    for time in events:
        begin = round(time * RATE)
        sound[0, begin : begin + 800] += generator.standard_normal(len(sound[0, begin : begin + 800]))
    return onset_strength([gain * sound], RATE)


def picture_of(events, contrast=1.0):
    """Something jumps at each event and comes to rest in a third of a second."""
    change = 0.01 * np.random.default_rng(1).random(len(TIMES))
    for time in events:
        first = np.searchsorted(TIMES, time)
        fade = np.array([1.0, 0.6, 0.3, 0.1])[: len(TIMES) - first]
        change[first : first + len(fade)] += fade
    return contrast * change


def test_what_happens_together_is_in_synchrony():
    assert synchrony(sound_of(EVENTS), TIMES, picture_of(EVENTS)) > 0.85


def test_a_delay_costs_more_the_longer_it_is_in_either_direction():
    picture = picture_of(EVENTS)
    for way in (1, -1):
        values = [synchrony(sound_of(EVENTS + way * delay), TIMES, picture) for delay in (0, 0.06, 0.12, 0.2)]
        assert (np.diff(values) < -0.05).all()
        assert values[-1] < 0.3
    assert abs(synchrony(sound_of(EVENTS - 0.45), TIMES, picture)) < 0.2


def test_jitter_costs_more_the_larger_it_is():
    generator = np.random.default_rng(2)
    jitter = generator.uniform(-1, 1, (8, len(EVENTS)))
    values = [
        np.mean([synchrony(sound_of(EVENTS + size * row), TIMES, picture_of(EVENTS)) for row in jitter])
        for size in (0.0, 0.1, 0.2, 0.4)
    ]
    assert (np.diff(values) < -0.08).all()


def test_unrelated_events_are_at_chance():
    generator = np.random.default_rng(3)
    values = [
        synchrony(sound_of(generator.uniform(0, 19.5, 10)), TIMES, picture_of(generator.uniform(0, 19.5, 10)))
        for _ in range(20)
    ]
    assert abs(np.mean(values)) < 0.07


def test_chance_is_zero_over_all_shifts():
    change = np.random.default_rng(4).random(len(TIMES))
    # Onset strength on the grid of the pictures, so that shifts go around without a seam.
    strength = np.random.default_rng(5).exponential(size=len(TIMES))
    values = []
    for shift in range(len(TIMES)):
        onsets = Onsets(TIMES - 0.5 / 12, np.roll(strength, shift))
        values.append(synchrony(onsets, TIMES, change))
    assert abs(np.mean(values)) < 0.005
    assert np.std(values) > 0.05


def test_gain_and_contrast_make_no_difference():
    plain = synchrony(sound_of(EVENTS), TIMES, picture_of(EVENTS))
    assert synchrony(sound_of(EVENTS, gain=0.01), TIMES, picture_of(EVENTS)) == pytest.approx(plain)
    assert synchrony(sound_of(EVENTS), TIMES, picture_of(EVENTS, contrast=0.1)) == pytest.approx(plain)


def test_only_the_time_that_both_have_counts():
    picture = picture_of(EVENTS)
    shorter = synchrony(sound_of(EVENTS), TIMES[:120], picture[:120])
    onsets = sound_of(EVENTS)
    cut = Onsets(onsets.times[:500], onsets.strength[:500])
    assert synchrony(cut, TIMES, picture) == pytest.approx(shorter, abs=0.03)


def test_nothing_that_begins_is_undefined():
    sound, picture = sound_of(EVENTS), picture_of(EVENTS)
    with pytest.raises(UndefinedError, match="begins to sound"):
        synchrony(Onsets(sound.times, np.zeros_like(sound.strength)), TIMES, picture)
    with pytest.raises(UndefinedError, match="begins to move"):
        synchrony(sound, TIMES, np.full_like(picture, 0.1))
    with pytest.raises(UndefinedError, match="less than 1 s"):
        synchrony(sound, TIMES[:12], picture[:12])
    with pytest.raises(UndefinedError, match="less than 1 s"):
        synchrony(Onsets(np.zeros(0), np.zeros(0)), TIMES, picture)
    with pytest.raises(UndefinedError, match="finite"):
        synchrony(Onsets(sound.times, np.full_like(sound.strength, np.nan)), TIMES, picture)


def test_times_that_do_not_fit_are_refused():
    sound, picture = sound_of(EVENTS), picture_of(EVENTS)
    with pytest.raises(ValueError, match="one length"):
        synchrony(sound, TIMES[1:], picture)
    with pytest.raises(ValueError, match="equal steps"):
        synchrony(sound, TIMES**1.1, picture)
    with pytest.raises(ValueError, match=r"at most 0\.2 s"):
        synchrony(sound, TIMES * 4, picture)
