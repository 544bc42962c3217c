"""Procedural people: speech-like babble, a crying baby, a crowd, a diver's bubbles."""

import numpy as np

from audiospace.simulate.sounds.nature import add_bubbles
from audiospace.simulate.sounds.synthesis import (
    Generator,
    Signal,
    add_at,
    band,
    coloured,
    curve,
    envelope,
    formants,
    harmonics,
    unit,
)

VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
"""First three formants in Hz of five vowels, after Peterson and Barney (1952), men's averages."""


def _syllable(sample_rate: int, rng: np.random.Generator, pitch: float, tract: float) -> Signal:
    length = int(rng.uniform(0.1, 0.28) * sample_rate)
    glide = pitch * np.linspace(1.0, rng.uniform(0.85, 1.15), length)
    voice = harmonics(glide, sample_rate, [1 / k**1.1 for k in range(1, 40)])
    voice += 0.05 * rng.standard_normal(length)
    vowel = VOWELS[int(rng.integers(len(VOWELS)))]
    spoken = formants(voice, sample_rate, [tract * centre for centre in vowel], 90.0)
    spoken *= envelope(length, 0.2, 0.35)
    if rng.random() < 0.4:
        hiss = band(rng.standard_normal(length // 3), sample_rate, 3500, 8000)
        spoken[: len(hiss)] += 0.02 * hiss * envelope(len(hiss), 0.3, 0.3)
    return spoken


def people(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """One voice speaking nonsense: syllables in phrases, with pauses for breath."""
    out = np.zeros(count)
    tract = rng.uniform(0.95, 1.25)
    pitch, at = 105.0 * tract**3 * rng.uniform(0.85, 1.15), rng.uniform(0.0, 0.3)
    while at < count / sample_rate:
        for _ in range(int(rng.integers(3, 10))):
            spoken = _syllable(sample_rate, rng, pitch * rng.uniform(0.85, 1.2), tract)
            add_at(out, int(at * sample_rate), spoken * rng.uniform(0.6, 1.0))
            at += len(spoken) / sample_rate * rng.uniform(0.8, 1.1)
        at += rng.uniform(0.15, 0.6)
    return out


def baby(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Cries of about a second near 450 Hz, rising then falling, with gasps between."""
    out = np.zeros(count)
    pitch, at = rng.uniform(360, 540), rng.uniform(0.0, 0.4)
    while at < count / sample_rate:
        length = int(rng.uniform(0.5, 1.2) * sample_rate)
        shape = np.interp(np.linspace(0, 1, length), [0, 0.25, 0.7, 1], [0.8, 1.15, 1.05, 0.75])
        shake = curve(length, sample_rate, rng, rate=25, low=0.97, high=1.03)
        voice = harmonics(pitch * shape * shake, sample_rate, [1 / k**0.7 for k in range(1, 20)])
        voice *= 1 + 0.2 * rng.standard_normal(length)
        cry = formants(voice, sample_rate, [1100, 2700, 4200], 250.0) * envelope(length, 0.12, 0.3)
        add_at(out, int(at * sample_rate), cry)
        at += length / sample_rate + rng.uniform(0.15, 0.5)
    return out


def crowd(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Many voices at once over a hum, sometimes applause."""
    hum = coloured(count, sample_rate, rng, slope=0.8, low=150, high=2500)
    voices = np.zeros(count)
    for _ in range(2):
        talk = people(count, sample_rate, rng)
        for shift in rng.integers(0, count, 3):
            voices += np.roll(unit(talk), int(shift))
    out = hum * curve(count, sample_rate, rng, rate=2, low=0.6, high=1.0) + 0.5 * voices
    if rng.random() < 0.3:
        claps = band(rng.standard_normal(count), sample_rate, 900, 4000)
        clapping = (rng.random(count // 64 + 1) ** 6).repeat(64)[:count]
        out += 6 * claps * clapping * curve(count, sample_rate, rng, rate=0.5, low=0.0, high=1.0)
    return out


def diver(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Breathing through a regulator: a hissing intake, then a burst of large bubbles."""
    out = np.zeros(count)
    at = rng.uniform(-1.0, 0.5)
    while at < count / sample_rate:
        length = int(rng.uniform(0.7, 1.3) * sample_rate)
        intake = coloured(length, sample_rate, rng, slope=0.2, low=700, high=5000)
        add_at(out, int(at * sample_rate), 0.35 * intake * envelope(length, 0.3, 0.2))
        at += length / sample_rate + rng.uniform(0.1, 0.4)
        burst = np.zeros(int(rng.uniform(0.9, 1.8) * sample_rate))
        add_bubbles(burst, sample_rate, rng, rate=70, low=130, high=900)
        add_at(out, int(at * sample_rate), burst * envelope(len(burst), 0.1, 0.5))
        at += len(burst) / sample_rate + rng.uniform(0.1, 0.6)
    return out + 0.02 * coloured(count, sample_rate, rng, slope=1.0, low=40, high=600)


GENERATORS: dict[str, Generator] = {"people": people, "baby": baby, "crowd": crowd, "diver": diver}
