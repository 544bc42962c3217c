"""Sound from all around: noise, and recordings spread over the sphere.

A diffuse field is equally strong from every direction and incoherent between directions. Its four ambisonic
channels are then uncorrelated, and in SN3D each dipole (Y, Z, X) carries a third of W's power, the mean of a
squared cosine over the sphere (Epain and Jin, "Spherical harmonic signal covariance and sound field
diffuseness", IEEE/ACM TASLP 24(10), 2016).
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from audiospace.ambisonics import CHANNELS, harmonics_of
from audiospace.simulate.sounds.synthesis import colour

FloatArray = NDArray[np.float32]

DIPOLE = 3**-0.5
"""Amplitude of each dipole of a diffuse field, relative to W."""
_GOLDEN = (1 + 5**0.5) / 2
_CORNERS = np.array([[0, 1, _GOLDEN], [0, -1, _GOLDEN], [0, 1, -_GOLDEN], [0, -1, -_GOLDEN]])
ICOSAHEDRON = np.concatenate([np.roll(_CORNERS, turn, axis=1) for turn in range(3)]) / np.hypot(1, _GOLDEN)
"""Twelve directions spread evenly: their unit vectors sum to zero and their squares to a sphere, (12, 3)."""


def diffuse_noise(
    count: int,
    sample_rate: int,
    rng: np.random.Generator,
    *,
    slope: float = 0.7,
    low: float = 60.0,
    high: float = 8000.0,
) -> FloatArray:
    """Make noise that comes from everywhere.

    Args:
        count: Number of samples, at least 1.
        sample_rate: Samples a second.
        rng: Source of randomness.
        slope: Exponent of the amplitude's fall with frequency: 0 white, 0.5 pink, 1 brown.
        low: Lower corner in Hz (second-order roll-off).
        high: Upper corner in Hz (second-order roll-off).

    Returns:
        AmbiX sound, shape (4, count); RMS of W 1, of the others `DIPOLE`.
    """
    size = scipy.fft.next_fast_len(max(count, 16), real=True)
    spectrum = scipy.fft.rfft(rng.standard_normal((CHANNELS, size), dtype=np.float32))
    frequencies = np.maximum(scipy.fft.rfftfreq(size, 1 / sample_rate), sample_rate / size)
    spectrum *= colour(frequencies.astype(np.float32), slope=slope, low=low, high=high)
    return _levelled(scipy.fft.irfft(spectrum, size)[:, :count])


def spread(mono: NDArray[np.floating], rng: np.random.Generator) -> FloatArray:
    """Let a recording come from everywhere: from each of twelve directions another moment of it is heard.

    The twelve start evenly apart in the recording, which goes round, in random order. What repeats itself to
    the sample, such as a steady tone, keeps a direction; textures such as rain or a crowd do not.

    Args:
        mono: The recording, shape (n,), not silent; many times as long as a sound in it lasts.
        rng: Source of randomness.

    Returns:
        AmbiX sound, shape (4, n); RMS of W 1, of the others `DIPOLE`.
    """
    whole = mono.astype(np.float32)
    moments = len(whole) * (np.arange(len(ICOSAHEDRON)) + rng.uniform(-0.3, 0.3, len(ICOSAHEDRON)))
    starts = rng.permutation(moments / len(ICOSAHEDRON)).astype(np.int64)
    field = np.zeros((CHANNELS, len(whole)), np.float32)
    for gains, start in zip(harmonics_of(ICOSAHEDRON).astype(np.float32), starts, strict=True):
        field += gains[:, None] * np.roll(whole, start)
    return _levelled(field)


def _levelled(field: FloatArray) -> FloatArray:
    """Give every channel the power that it has in a diffuse field, to the last digit."""
    rms = np.sqrt(np.mean(np.square(field), axis=1, keepdims=True, dtype=np.float64))
    wanted = np.array([1.0, DIPOLE, DIPOLE, DIPOLE])[:, None]
    return np.asarray(field * (wanted / np.maximum(rms, 1e-9)).astype(np.float32))
