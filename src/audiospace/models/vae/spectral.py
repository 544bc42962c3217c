"""The omnidirectional channel as a few numbers per latent frame, and its spectrum from them."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from audiospace.models.constants import cached_constant
from audiospace.models.parametric_config import ParametricVAEConfig
from audiospace.models.vae.bands import band_shapes
from audiospace.models.vae.full_precision import full_precision
from audiospace.models.vae.residual import residual_blocks
from audiospace.models.vae.short_time import short_time_spectra

_POWER_FLOOR = 1e-9
_RANGE = (-24.0, 8.0)
_WRITTEN_LEVEL = -3.0
_NOISE_PERIOD = 1024
_SEED = 20_241_125
_INITIAL_SCALE = -3.0
_LEVEL_SCALE = 4.0
"""Band levels are natural logarithms of power; this many are one unit to the networks."""


@full_precision
def band_levels(omni: Tensor, config: ParametricVAEConfig) -> Tensor:
    """Levels of a spectrum in bands, laid out for a linear code of each latent frame.

    Args:
        omni: Complex short-time spectra of W (batch, n * spectra_per_frame, bins).
        config: Sizes.

    Returns:
        Natural logarithms of the mean power in each band, in units of 4 nepers of power around full scale,
        (batch, spectral_bands, n * spectra_per_frame).
    """
    shapes = band_shapes(config.spectral_bands, config.fft_size, config.sample_rate)
    means = (shapes / shapes.sum(dim=1, keepdim=True).clamp_min(1e-3)).to(omni.real)
    power = torch.view_as_real(omni).square().sum(dim=-1)
    return torch.log(power @ means.T + _POWER_FLOOR).transpose(1, 2) / _LEVEL_SCALE + 2.0


def patches(levels: Tensor, per_frame: int) -> Tensor:
    """Lay the levels (batch, bands, n * per_frame) of each latent frame side by side.

    Args:
        levels: As `band_levels` gives them.
        per_frame: Spectra per latent frame.

    Returns:
        (batch, n, bands * per_frame).
    """
    return torch.unflatten(levels, 2, (-1, per_frame)).transpose(1, 2).flatten(2)


class SpectralEncoder(nn.Module):
    """Band levels of W to a linear code, one for each latent frame, and a network's correction of it.

    Args:
        config: Sizes.
    """

    def __init__(self, config: ParametricVAEConfig) -> None:
        super().__init__()
        self.config = config
        per_frame, width = config.spectra_per_frame, config.coarse_width
        self.linear = nn.Linear(config.spectral_bands * per_frame, config.content_dim)
        self.network = nn.Sequential(
            nn.Conv1d(config.spectral_bands, config.fine_width, 1),
            *residual_blocks(config.fine_width, config.depth),
            nn.Conv1d(config.fine_width, width, per_frame, per_frame),
            *residual_blocks(width, config.depth),
        )
        self.output = nn.Conv1d(width, 2 * config.content_dim, 1)
        nn.init.zeros_(self.output.weight)
        start = torch.zeros(2 * config.content_dim)
        start[config.content_dim :] = _INITIAL_SCALE
        self.output.bias = nn.Parameter(start)

    def forward(self, omni: Tensor) -> Tensor:
        """Compress.

        Args:
            omni: Complex short-time spectra of W (batch, n * spectra_per_frame, bins).

        Returns:
            Means and raw scales, one after the other (batch, 2 content_dim, n).
        """
        levels = band_levels(omni, self.config)
        code = self.linear(patches(levels, self.config.spectra_per_frame)).transpose(1, 2)
        correction: Tensor = self.output(self.network(levels))
        return correction + functional.pad(code, (0, 0, 0, self.config.content_dim))


class SpectralDecoder(nn.Module):
    """Spectra of W: noise shaped by a linear code and a network's correction, and what the network writes.

    The written part is relative to a carrier in the middle of each bin, so that a steady spectrum gives
    steady tones. The noise is the same on every machine and depends on the absolute number of the spectrum,
    so that pieces of a long sound fit together (filtered noise: DDSP, Engel et al. 2020).

    Args:
        config: Sizes.
    """

    def __init__(self, config: ParametricVAEConfig) -> None:
        super().__init__()
        self.config = config
        fine, per_frame = config.fine_width, config.spectra_per_frame
        self.linear = nn.Linear(config.content_dim, config.spectral_bands * per_frame)
        self.coarse = nn.Sequential(
            nn.Conv1d(config.content_dim, config.coarse_width, 1),
            *residual_blocks(config.coarse_width, config.depth),
            nn.Conv1d(config.coarse_width, fine * per_frame, 1),
        )
        self.from_levels = nn.Conv1d(config.spectral_bands, fine, 1)
        self.fine = residual_blocks(fine, config.depth)
        self.band_correction = nn.Conv1d(fine, config.spectral_bands, 1)
        self.output = nn.Conv1d(fine, 3 * config.bins, 1)
        for layer in (self.band_correction, self.output):
            layer.bias = nn.Parameter(torch.zeros(layer.out_channels))
            with torch.no_grad():
                layer.weight.mul_(0.1)

    def forward(self, content: Tensor, first_frame: int = 0) -> Tensor:
        """Write spectra.

        Args:
            content: Latents (batch, content_dim, n).
            first_frame: Absolute number of the first latent frame.

        Returns:
            Complex short-time spectra of W (batch, n * spectra_per_frame, bins).
        """
        per_frame = self.config.spectra_per_frame
        linear = torch.unflatten(self.linear(content.transpose(1, 2)), 2, (-1, per_frame))
        levels = linear.transpose(1, 2).flatten(2)
        coarse = self.coarse(content)
        spread = torch.unflatten(coarse, 1, (-1, per_frame)).transpose(2, 3).flatten(2)
        y = self.fine(spread + self.from_levels(levels))
        log_power = _log_power((levels + self.band_correction(y)).transpose(1, 2).float(), self.config)
        share, real, imaginary = self.output(y).transpose(1, 2).float().chunk(3, dim=-1)
        numbers = torch.arange(y.shape[-1], device=y.device) + first_frame * per_frame
        noise = _noise_spectra(self.config.fft_hop).to(y.device)[numbers % _NOISE_PERIOD]
        carrier = _carriers(self.config.bins).to(y.device)[numbers % 2]
        magnitude = (0.5 * log_power).clamp(*_RANGE).exp()
        written = torch.complex(real, imaginary) * carrier
        tonal = torch.sigmoid(share + _WRITTEN_LEVEL)
        omni: Tensor = magnitude * (noise * (1 - tonal) + written * tonal)
        return omni


@full_precision
def _log_power(levels: Tensor, config: ParametricVAEConfig) -> Tensor:
    """Natural logarithm of the power of every bin from band levels (batch, spectra, spectral_bands)."""
    shapes = band_shapes(config.spectral_bands, config.fft_size, config.sample_rate)
    return (levels - 2.0) * _LEVEL_SCALE @ shapes.to(levels)


@cached_constant
def _noise_spectra(hop: int) -> Tensor:
    """Short-time spectra of white noise of deviation 1 that repeats without a seam, complex (1024, bins)."""
    noise = torch.randn(_NOISE_PERIOD * hop, generator=torch.Generator().manual_seed(_SEED))
    around = torch.cat([noise[-2 * hop :], noise, noise[: 2 * hop]])
    return short_time_spectra(around, hop)[2:-2]


@cached_constant
def _carriers(bins: int) -> Tensor:
    """Phase factors of a tone in the middle of each bin in even and odd windows, (2, bins)."""
    alternating = torch.tensor([math.cos(math.pi * number) for number in range(bins)])
    return torch.stack([torch.ones(bins), alternating])
