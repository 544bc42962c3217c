"""Frequency bands that widen with frequency, as hearing does."""

import torch
from torch import Tensor

from audiospace.models.constants import cached_constant


def band_centres(bands: int, sample_rate: int) -> Tensor:
    """Centre frequencies, equally spaced on the mel scale (O'Shaughnessy 1987) from 0 Hz to half the rate.

    Args:
        bands: How many, 2 or more.
        sample_rate: In Hz.

    Returns:
        Frequencies in Hz, shape (bands,).
    """
    top = 2595 * torch.log10(torch.tensor(1 + sample_rate / 2 / 700))
    centres: Tensor = 700 * (10 ** (torch.linspace(0, 1, bands) * top / 2595) - 1)
    return centres


@cached_constant
def band_shapes(bands: int, size: int, sample_rate: int) -> Tensor:
    """Triangular bands that sum to one at every frequency: linear interpolation between band centres.

    Args:
        bands: How many, 2 or more.
        size: Length of the Fourier transform.
        sample_rate: In Hz.

    Returns:
        Weight of each band in each bin, shape (bands, size // 2 + 1).
    """
    centres = band_centres(bands, sample_rate)
    frequencies = torch.linspace(0, sample_rate / 2, size // 2 + 1)
    upper = torch.searchsorted(centres, frequencies).clamp(1, bands - 1)
    low, high = centres[upper - 1], centres[upper]
    share = ((frequencies - low) / (high - low)).clamp(0, 1)
    shapes = torch.zeros(bands, len(frequencies))
    columns = torch.arange(len(frequencies))
    shapes[upper - 1, columns] = 1 - share
    shapes[upper, columns] = share
    return shapes
