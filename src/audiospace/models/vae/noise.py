"""Noise shaped in time and frequency: the part of a sound that has no waveform worth remembering."""

import math

import torch
from torch import Tensor, nn

from audiospace.models.constants import cached_constant
from audiospace.models.vae.bands import band_shapes

_PERIOD = 512
_STEM_OFFSET = 131
_SEED = 20_190_417


@cached_constant
def _noise_spectra(size: int) -> Tensor:
    """Spectra of 512 stretches of `size` samples of white noise, complex (512, size // 2 + 1)."""
    frames = torch.randn(_PERIOD, size, generator=torch.Generator().manual_seed(_SEED))
    spectra: Tensor = torch.fft.rfft(frames)
    return spectra


@cached_constant
def _sine_window(size: int) -> Tensor:
    """The window whose square adds up to one at an overlap of a half, (size,)."""
    return torch.sin(math.pi * (torch.arange(size) + 0.5) / size)


class ShapedNoise(nn.Module):
    """Fixed noise whose spectrum follows band gains, block by block (filtered noise: DDSP, Engel 2020).

    The noise is the same on every machine and repeats after 512 blocks; a block's noise depends on its
    absolute number, so that chunks of a long sound fit together.

    Args:
        stems: Independent signals.
        bands: Gains per stem and block.
        block: Samples per block.
        sample_rate: In Hz.
    """

    def __init__(self, stems: int, bands: int, block: int, sample_rate: int) -> None:
        super().__init__()
        self.stems = stems
        self.bands = bands
        self.block = block
        self.sample_rate = sample_rate

    def forward(self, log_gains: Tensor, first_block: int = 0) -> Tensor:
        """Synthesise.

        Args:
            log_gains: Natural logarithm of the noise's deviation, (batch, stems, bands, blocks).
            first_block: Absolute number of the first block.

        Returns:
            Signals (batch, stems, blocks * block).
        """
        batch, stems, _, blocks = log_gains.shape
        size = 2 * self.block
        shapes = band_shapes(self.bands, size, self.sample_rate).to(log_gains)
        magnitude = torch.einsum("bskt,kf->bstf", log_gains, shapes).exp()
        offsets = torch.arange(stems, device=log_gains.device)[:, None] * _STEM_OFFSET
        numbers = (torch.arange(blocks, device=log_gains.device)[None] + first_block + offsets) % _PERIOD
        shaped = _noise_spectra(size).to(log_gains.device)[numbers] * magnitude
        frames: Tensor = torch.fft.irfft(shaped) * _sine_window(size).to(log_gains)
        early, late = frames[..., : self.block], frames[..., self.block :]
        late = torch.cat([torch.zeros_like(late[:, :, :1]), late[:, :, :-1]], dim=2)
        return (early + late).reshape(batch, stems, blocks * self.block)
