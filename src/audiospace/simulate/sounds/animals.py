"""Procedural animals: dog, bird, rooster, insect and whale."""

import numpy as np

from audiospace.simulate.sounds.synthesis import (
    Generator,
    Signal,
    add_at,
    band,
    curve,
    echo,
    envelope,
    formants,
    harmonics,
    shaped_noise,
)


def _bark(sample_rate: int, rng: np.random.Generator, pitch: float, seconds: float) -> Signal:
    count = int(seconds * sample_rate)
    shape = np.interp(np.linspace(0, 1, count), [0, 0.2, 1], [0.75, 1.2, 0.6])
    voice = harmonics(pitch * shape, sample_rate, [1 / k**0.6 for k in range(1, 20)])
    breath = rng.standard_normal(count) * 0.5
    tract = rng.uniform(0.9, 1.1) * np.array([1.8, 3.4, 5.6]) * pitch
    return formants(voice + breath, sample_rate, list(tract), 220.0) * envelope(count, 0.08, 0.6)


def dog(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Barks in groups of one to four: a short voiced glide with breath noise."""
    out = np.zeros(count)
    pitch, at = rng.uniform(220, 650), rng.uniform(0.0, 0.4)
    while at < count / sample_rate:
        for _ in range(int(rng.integers(1, 5))):
            bark = _bark(sample_rate, rng, pitch * rng.uniform(0.9, 1.1), rng.uniform(0.12, 0.25))
            add_at(out, int(at * sample_rate), bark * rng.uniform(0.7, 1.0))
            at += rng.uniform(0.25, 0.5)
        at += rng.uniform(0.3, 1.3)
    return out


def bird(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Phrases of whistled chirps between 2 and 7 kHz; a phrase repeats its syllable."""
    out = np.zeros(count)
    at = rng.uniform(0.0, 0.3)
    while at < count / sample_rate:
        length = int(rng.uniform(0.05, 0.22) * sample_rate)
        glide = np.interp(np.linspace(0, 1, length), np.linspace(0, 1, 4), rng.uniform(2000, 6500, 4))
        wobble = 1 + rng.uniform(0, 0.06) * np.sin(
            2 * np.pi * rng.uniform(15, 45) * np.arange(length) / sample_rate
        )
        syllable = harmonics(glide * wobble, sample_rate, [1.0, 0.12, 0.04]) * envelope(length, 0.2, 0.4)
        gap = rng.uniform(1.2, 2.2) * length / sample_rate
        for _ in range(int(rng.integers(2, 8))):
            add_at(out, int(at * sample_rate), syllable * rng.uniform(0.6, 1.0))
            at += gap
        at += rng.uniform(0.2, 0.9)
    return out


def rooster(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Crows of four syllables, the last long and falling, with a hoarse edge."""
    out = np.zeros(count)
    at = rng.uniform(0.0, 0.5)
    pitch = rng.uniform(420, 620)
    while at < count / sample_rate:
        for seconds, start, end in ((0.15, 0.9, 1.1), (0.12, 1.2, 1.3), (0.2, 1.3, 1.6), (0.9, 1.7, 0.9)):
            length = int(seconds * rng.uniform(0.9, 1.2) * sample_rate)
            glide = (
                pitch
                * np.linspace(start, end, length)
                * curve(length, sample_rate, rng, rate=40, low=0.97, high=1.03)
            )
            voice = harmonics(glide, sample_rate, [0.5, 1.0, 0.9, 0.5, 0.35, 0.2, 0.15, 0.1])
            hoarse = 1 + 0.4 * rng.standard_normal(length)
            add_at(out, int(at * sample_rate), voice * hoarse * envelope(length, 0.15, 0.3))
            at += length / sample_rate * 1.08
        at += rng.uniform(0.8, 2.0)
    return out


def insect(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Crickets (pulsed tones near 4.5 kHz) over a cicada-like modulated hiss, or a buzzing fly."""
    times = np.arange(count) / sample_rate
    if rng.random() < 0.25:
        pitch = rng.uniform(140, 260) * curve(count, sample_rate, rng, rate=3, low=0.9, high=1.1)
        buzz = harmonics(pitch, sample_rate, [1 / k for k in range(1, 16)])
        return buzz * curve(count, sample_rate, rng, rate=2, low=0.1, high=1.0)
    out = np.zeros(count)
    for _ in range(int(rng.integers(1, 5))):
        pulses = np.clip(np.sin(2 * np.pi * rng.uniform(22, 40) * times), 0, 1) ** 0.7
        chirps = np.clip(np.sin(2 * np.pi * rng.uniform(0.8, 3.0) * times + rng.uniform(0, 6)) * 4, 0, 1)
        tone = np.sin(2 * np.pi * rng.uniform(3600, 5400) * times)
        out += rng.uniform(0.4, 1.0) * tone * pulses * chirps
    hiss = band(rng.standard_normal(count), sample_rate, 5000, 9000)
    return out + rng.uniform(0.1, 0.6) * hiss * (1 + 0.6 * np.sin(2 * np.pi * rng.uniform(40, 90) * times))


def whale(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Long gliding moans and squeals with the sea's own reverberation."""
    out = np.zeros(count)
    at = rng.uniform(-0.5, 0.3)
    while at < count / sample_rate:
        length = int(rng.uniform(0.7, 2.6) * sample_rate)
        centre = np.exp(rng.uniform(np.log(110), np.log(1100)))
        glide = centre * curve(length, sample_rate, rng, rate=rng.uniform(1, 4), low=0.7, high=1.5)
        falls = rng.uniform(0.6, 1.5)
        voice = harmonics(glide, sample_rate, [1 / k**falls for k in range(1, 12)])
        add_at(out, int(at * sample_rate), voice * envelope(length, 0.25, 0.4) * rng.uniform(0.5, 1))
        at += length / sample_rate + rng.uniform(0.0, 0.9)
    floor = shaped_noise(count, sample_rate, rng, lambda f: 1 / (1 + (f / 150) ** 2))
    return echo(out, sample_rate, rng, 2.0, 0.5) + 0.03 * floor


GENERATORS: dict[str, Generator] = {
    "dog": dog,
    "bird": bird,
    "rooster": rooster,
    "insect": insect,
    "whale": whale,
}
