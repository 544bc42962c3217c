"""How much begins to sound, over time: the onset strength of a sound's W.

The levels of third-octave bands, in decibels relative to the loudest of the sound, are compared with those
20 ms before; rises count and falls do not ("spectral flux" of a compressed spectrum: Bello et al., "A
tutorial on onset detection in music signals", IEEE Transactions on Speech and Audio Processing 13, 2005).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import FloatArray, W, regroup, require_channels

ONSETS_PER_SECOND = 50
"""Rate at which onset strength is given."""

_RANGE_DB = 60.0  # below the loudest band, all is as good as silent
_LOWEST, _BANDS = 80.0, 21  # hertz, and third octaves: up to 8.1 kHz, which every sound file carries
_HOPS_AT_ONCE = 128


@dataclass(frozen=True, eq=False)
class Onsets:
    """Onset strength of one sound.

    Attributes:
        times: Seconds from the beginning of the sound, increasing, shape (n,), float64.
        strength: Mean rise of the bands in decibels since the step before, >= 0, shape (n,), float64. All
            zero for silence, near zero for steady sounds; a click out of silence can reach 60.
    """

    times: NDArray[np.float64]
    strength: NDArray[np.float64]


def onset_strength(blocks: Iterable[FloatArray], sample_rate: int) -> Onsets:
    """Measure where a sound begins or swells.

    Memory grows only by 21 numbers for each 20 ms. Gain makes no difference: levels are relative to the
    loudest band of the whole sound.

    Args:
        blocks: Pieces of an AmbiX sound in order, each of shape (4, n) for any n.
        sample_rate: Hertz, at least 1000.

    Returns:
        Onset strength 50 times a second; empty for sounds of less than 60 ms. Samples that are not finite
        make it NaN.

    Raises:
        ValueError: A block has another shape, or the rate is too low.
    """
    if sample_rate < 1000:
        raise ValueError(f"the sample rate must be at least 1000 Hz, not {sample_rate}")
    hop = round(sample_rate / ONSETS_PER_SECOND)
    power = np.concatenate(list(_band_powers(blocks, hop, sample_rate)) or [np.zeros((0, 1))])
    loudest = power.max(initial=0.0)
    if loudest == 0.0:
        rises = np.zeros(max(0, len(power) - 1))
    else:
        levels = 10.0 * np.log10(np.maximum(power / loudest, 10.0 ** (-_RANGE_DB / 10.0)))
        rises = np.maximum(np.diff(levels, axis=0), 0.0).mean(axis=1)
    # Frame i is centred on sample (i + 1) hop, and a rise lies between the centres of two frames.
    times = (np.arange(len(rises)) + 1.5) * hop / sample_rate
    return Onsets(times, rises)


def _band_powers(blocks: Iterable[FloatArray], hop: int, sample_rate: int) -> Iterable[NDArray[np.float64]]:
    """Power in each band of frames two hops long, one per hop, a few frames at a time."""
    window = np.hanning(2 * hop + 1)[:-1]
    bands = _bands(2 * hop, sample_rate)
    rest = np.zeros(0)
    for piece in regroup(_w_of(blocks), _HOPS_AT_ONCE * hop):
        joined = np.concatenate([rest, piece])
        count = max(0, len(joined) // hop - 1)
        starts = np.arange(count)[:, None] * hop
        spectra = np.fft.rfft(joined[starts + np.arange(2 * hop)] * window, axis=1)
        yield np.square(np.abs(spectra)) @ bands
        rest = joined[count * hop :]


def _w_of(blocks: Iterable[FloatArray]) -> Iterable[NDArray[np.float64]]:
    for block in blocks:
        require_channels(block)
        if block.ndim != 2:
            raise ValueError(f"expected sound of shape (4, samples), got {block.shape}")
        yield block[W].astype(np.float64)


def _bands(length: int, sample_rate: int) -> NDArray[np.float64]:
    """Which bin of the spectrum belongs to which band, shape (length // 2 + 1, bands)."""
    centres = _LOWEST * 2.0 ** (np.arange(_BANDS) / 3.0)
    centres = centres[centres * 2.0 ** (1.0 / 6.0) < sample_rate / 2.0]
    bins = np.fft.rfftfreq(length, 1.0 / sample_rate)[:, None]
    inside = (bins >= centres * 2.0 ** (-1.0 / 6.0)) & (bins < centres * 2.0 ** (1.0 / 6.0))
    return np.asarray(inside, dtype=np.float64)
