"""A loss that keeps sound where it is: the intensity vectors of a first-order field, band by band."""

import torch
from torch import Tensor

from audiospace.training.losses.stft import band_members


def random_rotation(generator: torch.Generator) -> Tensor:
    """A rotation drawn uniformly over SO(3): a normalised Gaussian quaternion (Shoemake 1992).

    Args:
        generator: Source of randomness.

    Returns:
        Rotation matrix, shape (3, 3).
    """
    w, x, y, z = torch.nn.functional.normalize(torch.randn(4, generator=generator), dim=0).unbind()
    rows = (
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)]),
        torch.stack([2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)]),
        torch.stack([2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]),
    )
    return torch.stack(rows)


def intensity_distance(estimate: Tensor, target: Tensor, bands: int = 16) -> Tensor:
    """Distance between the band-wise active intensities Re(W* [Y, Z, X]), relative to the energy.

    Args:
        estimate: Spectra of AmbiX sound fields, shape (batch, 4, frames, bins).
        target: Spectra of the same shape.
        bands: About how many bands, equally wide on a logarithmic axis.

    Returns:
        A scalar: the mean length of the difference of the two intensity vectors, each in units of its own
        field's energy density, weighted within each item by the root of the target's energy; 0 for equal
        fields, about 1 for a field without direction, 2 for the opposite direction.
    """
    a, energy_a = _band_intensity(estimate, bands)
    b, energy_b = _band_intensity(target, bands)
    difference = torch.linalg.vector_norm(a / (energy_a + 1e-6) - b / (energy_b + 1e-6), dim=1, keepdim=True)
    weight = energy_b.sqrt()
    per_item = (weight * difference).flatten(1).sum(dim=1) / (weight.flatten(1).sum(dim=1) + 1e-6)
    distance: Tensor = per_item.mean()
    return distance


def _band_intensity(spectra: Tensor, bands: int) -> tuple[Tensor, Tensor]:
    """Intensity (batch, 3, frames, bands) and energy density (batch, 1, frames, bands)."""
    parts = torch.view_as_real(spectra)
    active = (parts[:, :1] * parts[:, 1:]).sum(dim=-1)
    power = parts.square().sum(dim=-1)
    energy = 0.5 * power.sum(dim=1, keepdim=True)
    members = band_members(spectra.shape[-1], bands).to(power)
    return active @ members, energy @ members
