"""Loudness and peak of a sound field of any length, as ITU-R BS.1770-4 measures them: block by block."""

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.signal import sosfilt

from audiospace.ambisonics.convention import CHANNELS, FloatArray, W, require_channels

_HOPS_PER_SECOND = 10
_HOPS_PER_BLOCK = 4
"""The gating blocks of BS.1770 last 0.4 s and overlap by three quarters: a shorter sound has no loudness of
its own."""

_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691
"""Makes a 997 Hz tone of full scale read -3.01 LUFS."""


class Measured(NamedTuple):
    """What decides the gain of a sound field.

    Attributes:
        loudness: Integrated loudness of W in LUFS; minus infinity for silence.
        peak: Highest absolute sample of all channels.
    """

    loudness: float
    peak: float


def peak_of(blocks: Iterable[FloatArray]) -> float:
    """Find the highest absolute sample.

    Args:
        blocks: Pieces of a sound, of any shape.

    Returns:
        The peak; 0 if there are no samples, and not finite if one of them is not.
    """
    highest = 0.0
    for block in blocks:
        highest = float(np.max(np.abs(block), initial=highest))
    return highest


def measure(blocks: Iterable[FloatArray], sample_rate: float) -> Measured:
    """Measure the loudness and the peak of a sound that arrives in blocks.

    Args:
        blocks: Pieces of an AmbiX sound in order, each of shape (4, n) for any n.
        sample_rate: Samples per second.

    Returns:
        Loudness as `loudness` gives it for the whole, and the peak.

    Raises:
        ValueError: The shape of a block is another one.
    """
    sections = _k_weighting(sample_rate)
    state = np.zeros((len(sections), 2))
    powers = np.zeros(0)
    samples, peak = 0, 0.0
    for block in _long_enough(blocks, math.ceil(_HOPS_PER_BLOCK / _HOPS_PER_SECOND * sample_rate)):
        require_channels(block)
        if block.ndim != 2:
            raise ValueError(f"expected sound of shape (4, samples), got {block.shape}")
        if not block.shape[-1]:
            continue
        weighted, state = sosfilt(sections, block[W].astype(np.float64), zi=state)
        hops = ((samples + np.arange(len(weighted))) * _HOPS_PER_SECOND // sample_rate).astype(np.int64)
        powers = np.pad(powers, (0, hops[-1] + 1 - len(powers)))
        powers[hops[0] :] += np.bincount(hops - hops[0], np.square(weighted))
        samples += len(weighted)
        peak = float(np.max(np.abs(block), initial=peak))
    return Measured(_gated(powers, samples / sample_rate, sample_rate), peak)


def _long_enough(blocks: Iterable[FloatArray], samples: int) -> Iterator[FloatArray]:
    """Let silence follow a sound that is shorter than it must be."""
    missing = samples
    for block in blocks:
        yield block
        missing -= block.shape[-1]
    if missing > 0:
        yield np.zeros((CHANNELS, missing), dtype=np.float32)


@lru_cache(maxsize=8)
def _k_weighting(sample_rate: float) -> NDArray[np.float64]:
    """Second-order sections (2, 6) of the weighting of BS.1770: a shelf for the head and a high-pass.

    Designed for any rate as in Bristow-Johnson's "Audio EQ cookbook", 4 dB above 1500 Hz and a cut at 38 Hz.
    """
    gain, cosine, alpha = 10 ** (4 / 40), *_corner(1500.0, 0.5**0.5, sample_rate)
    sum_, difference, slope = gain + 1, gain - 1, 2 * gain**0.5 * alpha
    shelf = [
        gain * (sum_ + difference * cosine + slope),
        -2 * gain * (difference + sum_ * cosine),
        gain * (sum_ + difference * cosine - slope),
        sum_ - difference * cosine + slope,
        2 * (difference - sum_ * cosine),
        sum_ - difference * cosine - slope,
    ]
    cosine, alpha = _corner(38.0, 0.5, sample_rate)
    edge = (1 + cosine) / 2
    high_pass = [edge, -2 * edge, edge, 1 + alpha, -2 * cosine, 1 - alpha]
    sections = np.array([shelf, high_pass])
    return np.asarray(sections / sections[:, 3:4])


def _corner(frequency: float, quality: float, sample_rate: float) -> tuple[float, float]:
    """Cosine and half bandwidth of a filter's corner."""
    angle = 2 * np.pi * frequency / sample_rate
    return float(np.cos(angle)), float(np.sin(angle) / (2 * quality))


def _gated(powers: NDArray[np.float64], seconds: float, sample_rate: float) -> float:
    """Loudness from the sums of squares of 0.1 s each: the mean of the blocks that pass both gates."""
    count = max(1, round(seconds * _HOPS_PER_SECOND - _HOPS_PER_BLOCK) + 1)
    padded = np.pad(powers, (0, max(0, count + _HOPS_PER_BLOCK - 1 - len(powers))))
    length = _HOPS_PER_BLOCK * sample_rate / _HOPS_PER_SECOND
    blocks = sliding_window_view(padded, _HOPS_PER_BLOCK)[:count].sum(axis=-1) / length
    loud = blocks[blocks >= _power(_ABSOLUTE_GATE)]
    if not len(loud):
        return -float("inf")
    kept = loud[loud > np.mean(loud) * 10 ** (_RELATIVE_GATE / 10)]
    return float(_OFFSET + 10 * np.log10(np.mean(kept)))


def _power(lufs: float) -> float:
    """Mean square of a block that has a loudness."""
    return float(10 ** ((lufs - _OFFSET) / 10))
