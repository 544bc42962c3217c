"""Banks of triangular filters on two mel scales, Slaney's and HTK's."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_LINEAR_HERTZ, _BREAK_HERTZ = 200.0 / 3.0, 1000.0
_STEPS_PER_E = 27.0 / np.log(6.4)


@cache
def slaney_bands(bands: int, fft: int, sample_rate: int) -> NDArray[np.float64]:
    """Give mel filters from 0 Hz to half the sample rate on Slaney's scale, each of unit area in hertz.

    The scale is linear below 1 kHz (66.7 Hz a step) and logarithmic above (27 steps from 1 to 6.4 kHz).
    Source: M. Slaney, "Auditory Toolbox", 1998; librosa's and kapre's default.

    Args:
        bands: Number of filters.
        fft: Length of the Fourier transform.
        sample_rate: Hertz.

    Returns:
        Shape (bands, fft / 2 + 1), not to be written to. Filters narrower than the spacing may be empty.
    """
    break_step = _BREAK_HERTZ / _LINEAR_HERTZ
    top = break_step + _STEPS_PER_E * np.log(sample_rate / 2 / _BREAK_HERTZ)
    steps = np.linspace(0.0, top, bands + 2)
    edges = np.where(
        steps < break_step,
        steps * _LINEAR_HERTZ,
        _BREAK_HERTZ * np.exp((steps - break_step) / _STEPS_PER_E),
    )
    triangles = _triangles(np.linspace(0.0, sample_rate / 2, fft // 2 + 1), edges)
    return _frozen(triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None])


@cache
def htk_bands(
    bands: int, fft: int, sample_rate: int, *, lowest: float, highest: float
) -> NDArray[np.float64]:
    """Give mel filters on HTK's scale, triangular in hertz with a peak of 1: each ends where the next peaks.

    The scale is 2595 log10(1 + f / 700) = 1127 ln(1 + f / 700) (O'Shaughnessy 1987).

    Args:
        bands: Number of filters.
        fft: Length of the Fourier transform.
        sample_rate: Hertz.
        lowest: Where the lowest filter begins, hertz.
        highest: Where the highest filter ends, hertz.

    Returns:
        Shape (bands, fft / 2 + 1), not to be written to. Filters narrower than the spacing may be empty.
    """
    edges = 700.0 * np.expm1(_htk_steps(lowest, highest, bands + 2) / 1127.0)
    return _frozen(_triangles(np.linspace(0.0, sample_rate / 2, fft // 2 + 1), edges))


@cache
def kaldi_bands(bands: int, fft: int, sample_rate: int, *, highest: float) -> NDArray[np.float64]:
    """Give mel filters from 0 Hz on HTK's scale, triangular in mel with a peak of 1, as Kaldi has them.

    The bin at half the sample rate belongs to no filter. Source: Povey et al., "The Kaldi Speech Recognition
    Toolkit", 2011.

    Args:
        bands: Number of filters.
        fft: Length of the Fourier transform.
        sample_rate: Hertz.
        highest: Where the highest filter ends, hertz.

    Returns:
        Shape (bands, fft / 2 + 1), not to be written to.
    """
    mels = _htk(np.arange(fft // 2, dtype=np.float64) * (sample_rate / fft))
    return _frozen(np.pad(_triangles(mels, _htk_steps(0.0, highest, bands + 2)), ((0, 0), (0, 1))))


def _htk(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(hertz / 700.0))


def _htk_steps(lowest: float, highest: float, count: int) -> NDArray[np.float64]:
    """Equal steps in mel between two frequencies in hertz."""
    first, last = _htk(np.array([lowest, highest]))
    return np.linspace(float(first), float(last), count)


def _triangles(points: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Triangle i rises from edge i to edge i + 1 and falls to edge i + 2."""
    rising = (points - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - points) / np.diff(edges)[1:, None]
    return np.maximum(0.0, np.minimum(rising, falling))


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.setflags(write=False)
    return array
