"""Directions as vectors in a few bands: measured from a field, and a field panned by them.

Directional audio coding (Pulkki, "Spatial sound reproduction with directional audio coding", JAES 2007): in
each band the active intensity divided by the energy is a vector that points to where sound comes from, of
length 1 for one plane wave and 0 for a diffuse field. It turns as the field turns.
"""

import torch
from torch import Tensor
from torch.nn import functional

from audiospace.models.constants import cached_constant
from audiospace.models.parametric_config import SPATIAL_DIMENSIONS, ParametricVAEConfig
from audiospace.models.vae.bands import band_shapes
from audiospace.models.vae.full_precision import full_precision
from audiospace.models.vae.short_time import sine_window

_POWER_FLOOR = 1e-9
_SMOOTHING = 3
"""Latent frames under the window that a direction is measured in."""
_SIGN_SEED = 2007
_SIGN_STRETCH = 8
"""Bins with one sign: where it changes, neighbouring windows cancel in part."""


@full_precision
def measure_directions(spectra: Tensor, config: ParametricVAEConfig) -> Tensor:
    """Give the direction vector of every band and latent frame.

    Args:
        spectra: Complex short-time spectra of W, Y, Z, X (batch, 4, n * spectra_per_frame, bins).
        config: Sizes.

    Returns:
        Vectors (batch, 3 direction_bands, n): for each band y, z, x, at most 1 long.
    """
    shapes = band_shapes(config.direction_bands, config.fft_size, config.sample_rate).to(spectra.real)
    power = torch.view_as_real(spectra).square().sum(dim=-1)
    active = (spectra[:, :1].conj() * spectra[:, 1:]).real
    intensity = torch.einsum("kf,bctf->bkct", shapes, active)
    energy = 0.5 * torch.einsum("kf,bctf->bkt", shapes, power)
    per_frame = config.spectra_per_frame
    window = sine_window(_SMOOTHING * per_frame).square().to(energy)[None, None]
    both = torch.cat([intensity, energy[:, :, None]], dim=2)
    padding = (_SMOOTHING - 1) // 2 * per_frame
    summed = functional.conv1d(both.flatten(0, 2)[:, None], window, stride=per_frame, padding=padding)
    summed = summed.reshape(*both.shape[:3], -1)
    vectors = summed[:, :, :SPATIAL_DIMENSIONS] / (summed[:, :, SPATIAL_DIMENSIONS:] + _POWER_FLOOR)
    return vectors.flatten(1, 2)


@full_precision
def pan(omni: Tensor, vectors: Tensor, config: ParametricVAEConfig) -> Tensor:
    """Place a spectrum by direction vectors; what a vector lacks in length is spread evenly.

    The diffuse part of each dipole is W a quarter period early or late, at random from one stretch of
    bins to the next: it has the power
    that an even field gives the dipole, no active intensity, and nothing in common with the other dipoles.

    Args:
        omni: Complex short-time spectra of W (batch, n * spectra_per_frame, bins).
        vectors: As `measure_directions` gives them (batch, 3 direction_bands, n).
        config: Sizes.

    Returns:
        Complex spectra of W, Y, Z, X (batch, 4, n * spectra_per_frame, bins).
    """
    shapes = band_shapes(config.direction_bands, config.fft_size, config.sample_rate).to(vectors)
    smooth = functional.interpolate(vectors, scale_factor=float(config.spectra_per_frame), mode="linear")
    banded = torch.unflatten(smooth, 1, (config.direction_bands, SPATIAL_DIMENSIONS))
    direct = torch.einsum("bkct,kf->bctf", banded, shapes)
    length = direct.square().sum(dim=1, keepdim=True)
    direct = direct / length.clamp_min(1.0).sqrt()
    spread = ((1.0 - length).clamp_min(0.0) / SPATIAL_DIMENSIONS).sqrt()
    signs = _quadrature_signs(config.bins).to(vectors)[None, :, None]
    gains = torch.complex(direct, spread * signs)
    return torch.cat([omni[:, None], omni[:, None] * gains], dim=1)


@cached_constant
def _quadrature_signs(bins: int) -> Tensor:
    """One of +1 and -1 for each dipole and stretch of neighbouring bins, fixed, shape (3, bins)."""
    generator = torch.Generator().manual_seed(_SIGN_SEED)
    stretches = -(-bins // _SIGN_STRETCH)
    signs = torch.randint(0, 2, (SPATIAL_DIMENSIONS, stretches), generator=generator).float() * 2 - 1
    return signs.repeat_interleave(_SIGN_STRETCH, dim=1)[:, :bins]
