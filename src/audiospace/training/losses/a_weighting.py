"""How loud the ear finds a frequency, as a gain on spectra."""

import functools

import torch
from torch import Tensor


@functools.lru_cache(maxsize=16)
def a_weighting(bins: int, sample_rate: int) -> Tensor:
    """Amplitude gain of the A-weighting curve (IEC 61672-1, annex E) at the bins of a spectrum.

    Args:
        bins: Frequency bins from 0 to half the sample rate.
        sample_rate: Samples per second.

    Returns:
        Gains, shape (bins,): 0 at 0 Hz, 1 at 1000 Hz, at most 1.16 (2.5 kHz).
    """
    square = torch.linspace(0, sample_rate / 2, bins, dtype=torch.float64).square()
    gain = _response(square) / _response(torch.tensor(1000.0**2, dtype=torch.float64))
    return gain.float()


def _response(square: Tensor) -> Tensor:
    """The curve without its scale, over the square of the frequency in Hz."""
    low, first, second, high = 20.598997**2, 107.65265**2, 737.86223**2, 12194.217**2
    middle = ((square + first) * (square + second)).sqrt()
    return square.square() / ((square + low) * middle * (square + high))
