"""Short-time spectra at half of the window's length, and sound from them."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from audiospace.models.constants import cached_constant
from audiospace.models.parametric_config import BLOCKS_PER_WINDOW


@cached_constant
def sine_window(size: int) -> Tensor:
    """The window whose square adds up to one at an overlap of a half, shape (size,)."""
    return torch.sin(math.pi * (torch.arange(size) + 0.5) / size)


def short_time_spectra(signal: Tensor, hop: int) -> Tensor:
    """Spectra of windows of two hops, the first of which begins half a hop before the sound.

    Args:
        signal: Waveforms (..., samples); zeros are assumed around them.
        hop: Samples between windows; divides the number of samples.

    Returns:
        Complex spectra (..., samples / hop, hop + 1), scaled so that white noise keeps its deviation; the
        n-th is centred in the n-th hop.
    """
    padded = functional.pad(signal, (hop // 2, hop - hop // 2))
    blocks = torch.unflatten(padded, -1, (-1, hop))
    frames = torch.cat([blocks[..., :-1, :], blocks[..., 1:, :]], dim=-1)
    window = sine_window(BLOCKS_PER_WINDOW * hop).to(signal)
    spectra: Tensor = torch.fft.rfft(frames * (window / math.sqrt(hop)))
    return spectra


def overlap_add(spectra: Tensor, hop: int) -> Tensor:
    """Undo `short_time_spectra`, or give the sound nearest to changed spectra (Griffin and Lim 1984).

    Args:
        spectra: As `short_time_spectra` gives them (..., frames, hop + 1). Beyond the first and the last
            window the outer half hops are taken to be like them.
        hop: Samples between windows.

    Returns:
        Waveforms (..., frames * hop).
    """
    window = sine_window(BLOCKS_PER_WINDOW * hop).to(spectra.real)
    spectra = torch.cat([spectra[..., :1, :], spectra, spectra[..., -1:, :]], dim=-2)
    frames = torch.fft.irfft(spectra) * (window * math.sqrt(hop))
    whole = frames[..., :-1, hop:] + frames[..., 1:, :hop]
    sound: Tensor = whole.flatten(-2)[..., hop // 2 : whole.shape[-2] * hop - (hop - hop // 2)]
    return sound
