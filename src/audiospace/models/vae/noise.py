"""Noise shaped in time and frequency: the part of a sound that has no waveform worth remembering."""

import math

import torch
from torch import Tensor, nn

from audiospace.models.vae.bands import band_shapes

_PERIOD = 512
_STEM_OFFSET = 131
_SEED = 20_190_417


class ShapedNoise(nn.Module):
    """Fixed noise whose spectrum follows band gains, block by block (filtered noise: Engel et al. 2020, DDSP).

    The noise is the same on every machine and repeats after 512 blocks; a block's noise depends on its
    absolute number, so that chunks of a long sound fit together.

    Args:
        stems: Independent signals.
        bands: Gains per stem and block.
        block: Samples per block.
        sample_rate: In Hz.
    """

    noise: Tensor

    def __init__(self, stems: int, bands: int, block: int, sample_rate: int) -> None:
        super().__init__()
        self.stems = stems
        self.block = block
        size = 2 * block
        generator = torch.Generator().manual_seed(_SEED)
        frames = torch.randn(_PERIOD, size, generator=generator)
        self.register_buffer("noise", torch.view_as_real(torch.fft.rfft(frames)), persistent=False)
        self.register_buffer("shapes", band_shapes(bands, size, sample_rate), persistent=False)
        window = torch.sin(math.pi * (torch.arange(size) + 0.5) / size)
        self.register_buffer("window", window, persistent=False)

    def forward(self, log_gains: Tensor, first_block: int = 0) -> Tensor:
        """Synthesise.

        Args:
            log_gains: Natural logarithm of the noise's deviation, (batch, stems, bands, blocks).
            first_block: Absolute number of the first block.

        Returns:
            Signals (batch, stems, blocks * block).
        """
        batch, stems, _, blocks = log_gains.shape
        magnitude = torch.einsum("bskt,kf->bstf", log_gains, self.shapes).exp()
        offsets = torch.arange(stems, device=log_gains.device)[:, None] * _STEM_OFFSET
        numbers = (torch.arange(blocks, device=log_gains.device)[None] + first_block + offsets) % _PERIOD
        shaped = torch.view_as_complex(self.noise[numbers].contiguous()) * magnitude
        frames = torch.fft.irfft(shaped) * self.window
        early, late = frames[..., : self.block], frames[..., self.block :]
        late = torch.cat([torch.zeros_like(late[:, :, :1]), late[:, :, :-1]], dim=2)
        return (early + late).reshape(batch, stems, blocks * self.block)
