"""Procedural weather, fire and water."""

import numpy as np

from audiospace.simulate.sounds.synthesis import (
    Generator,
    Signal,
    add_at,
    band,
    coloured,
    curve,
    decay,
    impulses,
    poisson_times,
    resonate,
    unit,
)


def bubble(sample_rate: int, rng: np.random.Generator, low: float, high: float) -> Signal:
    """One bubble: a decaying sine whose pitch rises as it nears the surface.

    The model is the damped Minnaert oscillator as used for sound by van den Doel, "Physically based
    models for liquid sounds" (2005).

    Args:
        sample_rate: Samples a second.
        rng: Source of randomness.
        low: Lowest starting frequency in Hz.
        high: Highest starting frequency in Hz.

    Returns:
        The bubble's sound, 20 to 150 ms long.
    """
    frequency = np.exp(rng.uniform(np.log(low), np.log(high)))
    seconds = float(np.clip(rng.uniform(20, 50) / frequency, 0.02, 0.15))
    times = np.arange(int(seconds * sample_rate)) / sample_rate
    rise = 1 + rng.uniform(0.0, 4.0) * times
    ring = np.sin(2 * np.pi * frequency * times * rise) * decay(len(times), sample_rate, seconds)
    grain: Signal = ring * (frequency / low) ** -0.5
    return grain


def add_bubbles(
    out: Signal, sample_rate: int, rng: np.random.Generator, *, rate: float, low: float, high: float
) -> None:
    """Add bubbles to `out` in place: `rate` a second, starting frequencies between low and high in Hz."""
    for at in poisson_times(len(out) / sample_rate, rate, rng):
        add_at(out, int(at * sample_rate), bubble(sample_rate, rng, low, high) * rng.lognormal(0, 0.5))


def fire(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Crackles of very different heights over a low flicker."""
    snaps = impulses(count, sample_rate, rng, rng.uniform(8, 40), 1.0)
    ring = resonate(snaps, sample_rate, rng.uniform(1200, 3500), 1200) * 60
    pops = resonate(impulses(count, sample_rate, rng, rng.uniform(1, 5), 0.7), sample_rate, 700, 300) * 120
    flicker = coloured(count, sample_rate, rng, slope=1.0, low=40, high=900)
    flicker *= curve(count, sample_rate, rng, rate=9, low=0.2, high=1.0)
    hiss = coloured(count, sample_rate, rng, slope=0.0, low=2500, high=12000)
    return ring + pops + rng.uniform(0.1, 0.35) * flicker + 0.05 * hiss


def sea(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Waves: pink noise that swells and breaks every few seconds, brighter at the crest."""
    swell = curve(count, sample_rate, rng, rate=rng.uniform(0.2, 0.5), low=0.0, high=1.0) ** 1.5
    deep = coloured(count, sample_rate, rng, slope=0.8, low=60, high=1500)
    foam = coloured(count, sample_rate, rng, slope=0.3, low=600, high=9000)
    return deep * (0.3 + 0.7 * swell) + foam * (0.08 + 0.8 * swell**2)


def rain(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A steady hiss of far drops and the ticks of near ones."""
    hiss = coloured(count, sample_rate, rng, slope=rng.uniform(0.1, 0.4), low=400, high=14000)
    hiss *= curve(count, sample_rate, rng, rate=0.7, low=0.7, high=1.0)
    drops = impulses(count, sample_rate, rng, rng.uniform(60, 400), 1.0)
    near = resonate(drops, sample_rate, rng.uniform(1500, 4500), 900) * 40
    return rng.uniform(0.3, 1.0) * hiss + near


def wind(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """Gusts: falling noise, and whistling bands that wander with the strength of the gust."""
    gust = curve(count, sample_rate, rng, rate=rng.uniform(0.3, 0.9), low=0.15, high=1.0)
    out = coloured(count, sample_rate, rng, slope=1.1, low=50, high=1200) * gust
    for centre in rng.uniform(250, 1300, 3):
        whistle = resonate(rng.standard_normal(count), sample_rate, centre, rng.uniform(20, 90))
        out += 0.25 * unit(whistle) * gust**3
    return out


def water(count: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A stream: many small bubbles over soft noise."""
    out = np.zeros(count)
    add_bubbles(out, sample_rate, rng, rate=rng.uniform(50, 110), low=400, high=3500)
    bed = coloured(count, sample_rate, rng, slope=0.4, low=300, high=8000)
    splash = band(rng.standard_normal(count), sample_rate, 800, 5000)
    splash *= curve(count, sample_rate, rng, rate=6, low=0.0, high=1.0) ** 3
    return out + rng.uniform(0.1, 0.5) * bed + 0.4 * splash


GENERATORS: dict[str, Generator] = {
    "fire": fire,
    "sea": sea,
    "rain": rain,
    "wind": wind,
    "water": water,
}
