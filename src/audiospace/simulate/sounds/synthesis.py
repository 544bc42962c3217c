"""Building blocks of procedural sound: shaped noise, gliding harmonics, resonances and grains."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

Signal = NDArray[np.float64]
Real = TypeVar("Real", np.float32, np.float64)
Generator = Callable[[int, int, np.random.Generator], Signal]
"""A procedural sound: (samples, sample rate in Hz, random generator) to a mono signal of any level."""


def unit(signal: Signal) -> Signal:
    """Scale a signal to unit standard deviation; silence stays silence."""
    scaled: Signal = signal / (float(signal.std()) + 1e-12)
    return scaled


def shaped_noise(
    count: int, sample_rate: int, rng: np.random.Generator, response: Callable[[Signal], Signal]
) -> Signal:
    """Gaussian noise with a given magnitude response, made in the frequency domain.

    Args:
        count: Number of samples.
        sample_rate: Samples a second.
        rng: Source of randomness.
        response: From frequencies in Hz (all above 0) to linear gains.

    Returns:
        Noise of unit standard deviation, shape (count,).
    """
    size = scipy.fft.next_fast_len(max(count, 16), real=True)
    spectrum = scipy.fft.rfft(rng.standard_normal(size))
    frequencies = np.maximum(scipy.fft.rfftfreq(size, 1 / sample_rate), sample_rate / size)
    shaped: Signal = scipy.fft.irfft(spectrum * response(frequencies), size)[:count]
    return unit(shaped)


def colour(frequencies: NDArray[Real], *, slope: float, low: float, high: float) -> NDArray[Real]:
    """Gains that fall with frequency between two soft corners, as `coloured` describes them.

    Args:
        frequencies: Hertz, above 0, any shape.
        slope: Exponent of the amplitude's fall.
        low: Lower corner in Hz.
        high: Upper corner in Hz.

    Returns:
        Linear gains, near 1 at 1000 Hz, of the same shape and type.
    """
    corners = (1 + (low / frequencies) ** 4) * (1 + (frequencies / high) ** 4)
    fall: NDArray[Real] = ((frequencies / 1000.0) ** -slope / np.sqrt(corners)).astype(frequencies.dtype)
    return fall


def coloured(
    count: int,
    sample_rate: int,
    rng: np.random.Generator,
    *,
    slope: float,
    low: float = 30.0,
    high: float = 16000.0,
) -> Signal:
    """Noise whose power falls with frequency, between two soft corners.

    Args:
        count: Number of samples.
        sample_rate: Samples a second.
        rng: Source of randomness.
        slope: Exponent of the amplitude's fall: 0 white, 0.5 pink, 1 brown.
        low: Lower corner in Hz (second-order roll-off).
        high: Upper corner in Hz (second-order roll-off).

    Returns:
        Noise of unit standard deviation, shape (count,).
    """
    return shaped_noise(count, sample_rate, rng, lambda at: colour(at, slope=slope, low=low, high=high))


def band(signal: Signal, sample_rate: int, low: float, high: float) -> Signal:
    """Second-order Butterworth band pass; corners in Hz are kept inside (10 Hz, 0.48 of the rate)."""
    top = min(high, 0.48 * sample_rate)
    sections = scipy.signal.butter(
        2, [max(min(low, 0.8 * top), 10.0), top], "bandpass", fs=sample_rate, output="sos"
    )
    filtered: Signal = scipy.signal.sosfilt(sections, signal)
    return filtered


def resonate(signal: Signal, sample_rate: int, frequency: float, bandwidth: float) -> Signal:
    """Pass a signal through one two-pole resonance.

    Args:
        signal: Excitation, shape (samples,).
        sample_rate: Samples a second.
        frequency: Centre in Hz.
        bandwidth: Width in Hz at -3 dB.

    Returns:
        The ringing signal, about 0 dB at the centre, shape (samples,).
    """
    radius = np.exp(-np.pi * bandwidth / sample_rate)
    angle = 2 * np.pi * min(frequency, 0.47 * sample_rate) / sample_rate
    gain = (1 - radius) * np.sqrt(1 - 2 * radius * np.cos(2 * angle) + radius**2)
    filtered: Signal = scipy.signal.lfilter([gain], [1, -2 * radius * np.cos(angle), radius**2], signal)
    return filtered


def formants(signal: Signal, sample_rate: int, centres: Sequence[float], bandwidth: float = 90.0) -> Signal:
    """Sum of resonances at the given centres in Hz, each a little weaker than the one before."""
    parts = [
        resonate(signal, sample_rate, centre, bandwidth * (1 + 0.4 * k)) * 0.75**k
        for k, centre in enumerate(centres)
    ]
    total: Signal = np.sum(parts, axis=0)
    return total


def curve(
    count: int, sample_rate: int, rng: np.random.Generator, *, rate: float, low: float, high: float
) -> Signal:
    """A smooth random control signal.

    Args:
        count: Number of samples.
        sample_rate: Samples a second.
        rng: Source of randomness.
        rate: New random values a second.
        low: Smallest value.
        high: Largest value.

    Returns:
        Values between low and high joined by half cosines, shape (count,).
    """
    position = np.arange(count) * (rate / sample_rate) + rng.random()
    knots = rng.uniform(low, high, int(position[-1]) + 3 if count else 1)
    index = position.astype(np.int64)
    blend = 0.5 - 0.5 * np.cos(np.pi * (position - index))
    smooth: Signal = knots[index] * (1 - blend) + knots[index + 1] * blend
    return smooth


def harmonics(frequency: Signal, sample_rate: int, amplitudes: Sequence[float]) -> Signal:
    """Add the harmonics of a gliding fundamental; those near or above Nyquist are left out.

    The sum of a_k sin(k p) is found by Clenshaw's recurrence ("A note on the summation of Chebyshev series",
    Mathematics of Computation 9, 1955), which needs one sine and one cosine for all harmonics.

    Args:
        frequency: Fundamental in Hz, shape (samples,).
        sample_rate: Samples a second.
        amplitudes: Linear amplitude of harmonic 1, 2, ...

    Returns:
        The tone, shape (samples,).
    """
    phase = 2 * np.pi * np.cumsum(frequency) / sample_rate
    highest = float(frequency.max()) if len(frequency) else 0.0
    heard = [a for k, a in enumerate(amplitudes, start=1) if k * highest < 0.46 * sample_rate]
    twice = 2 * np.cos(phase)
    after, current = np.zeros(len(phase)), np.zeros(len(phase))
    for amplitude in reversed(heard):
        after *= -1
        after += twice * current
        after += amplitude
        after, current = current, after
    tone: Signal = current * np.sin(phase)
    return tone


def envelope(count: int, attack: float, release: float) -> Signal:
    """Raised-cosine attack and release over these shares (0 to 1) of the length, shape (count,)."""
    position = np.linspace(0.0, 1.0, max(count, 1))
    rise = np.clip(position / max(attack, 1e-6), 0, 1)
    fall = np.clip((1 - position) / max(release, 1e-6), 0, 1)
    shape: Signal = 0.25 * (1 - np.cos(np.pi * rise)) * (1 - np.cos(np.pi * fall))
    return shape


def decay(count: int, sample_rate: int, seconds: float) -> Signal:
    """Exponential decay that falls by 60 dB in `seconds`, shape (count,)."""
    fall: Signal = np.exp(-6.91 * np.arange(count) / (seconds * sample_rate))
    return fall


def ring(count: int, sample_rate: int, frequency: float, seconds: float) -> Signal:
    """A sine that starts at zero and decays by 60 dB in `seconds`: a two-pole resonance, struck once.

    Args:
        count: Number of samples.
        sample_rate: Samples a second.
        frequency: Hz, below half the sample rate.
        seconds: Time of the decay.

    Returns:
        The ringing, at most 1 in magnitude, shape (count,).
    """
    radius = np.exp(-6.91 / (seconds * sample_rate))
    angle = 2 * np.pi * frequency / sample_rate
    click = np.zeros(count)
    click[:1] = 1.0
    poles = [1, -2 * radius * np.cos(angle), radius**2]
    answer: Signal = scipy.signal.lfilter([0.0, radius * np.sin(angle)], poles, click)
    return answer


def add_at(target: Signal, start: int, grain: Signal) -> None:
    """Add a grain into the target in place, from sample `start` (may be negative), cut at both ends."""
    first, last = max(start, 0), min(start + len(grain), len(target))
    if first < last:
        target[first:last] += grain[first - start : last - start]


def poisson_times(seconds: float, rate: float, rng: np.random.Generator) -> Signal:
    """Sorted random times in [0, seconds) at `rate` a second on average, at least one."""
    return np.sort(rng.uniform(0.0, seconds, max(1, int(rng.poisson(rate * seconds)))))


def impulses(
    count: int, sample_rate: int, rng: np.random.Generator, rate: float, spread: float = 1.0
) -> Signal:
    """Random impulses with log-normal heights.

    Args:
        count: Number of samples.
        sample_rate: Samples a second.
        rng: Source of randomness.
        rate: Impulses a second on average.
        spread: Standard deviation of the natural logarithm of the heights.

    Returns:
        Sparse signal with random signs, shape (count,).
    """
    number = max(1, int(rng.poisson(rate * count / sample_rate)))
    heights = rng.lognormal(0.0, spread, number) * rng.choice([-1.0, 1.0], number)
    train = np.zeros(count)
    np.add.at(train, rng.integers(0, count, number), heights)
    return train


def echo(signal: Signal, sample_rate: int, rng: np.random.Generator, seconds: float, level: float) -> Signal:
    """Add a diffuse tail of decaying noise; `level` is its RMS relative to the signal's."""
    size = max(1, int(seconds * sample_rate))
    tail = rng.standard_normal(size) * decay(size, sample_rate, seconds)
    wet: Signal = scipy.signal.fftconvolve(signal, tail)[: len(signal)]
    return signal + level * float(signal.std()) * unit(wet)
