"""Losses that keep sound where it is: cardioid beams and band-wise intensity of a first-order field."""

import torch
from torch import Tensor

from audiospace.training.losses.stft import band_members

# Directions of a regular tetrahedron, unit vectors (x, y, z) times the square root of three.
TETRAHEDRON = ((1.0, 1.0, 1.0), (1.0, -1.0, -1.0), (-1.0, 1.0, -1.0), (-1.0, -1.0, 1.0))


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


def tetrahedral_beams(field: Tensor, rotation: Tensor) -> Tensor:
    """Four cardioids (W + u . XYZ) / 2 towards the corners of a turned tetrahedron ("A-format").

    The four beams span the whole first-order field, and their magnitudes fix the phase relations between
    its channels: a magnitude-only distance on them keeps directions.

    Args:
        field: AmbiX sound fields or their spectra, shape (batch, 4, ...), channels W, Y, Z, X.
        rotation: Rotation of the tetrahedron, shape (3, 3).

    Returns:
        Beams, shape (batch, 4, ...).
    """
    corners = torch.tensor(TETRAHEDRON) / 3**0.5 @ rotation.T
    weights = torch.cat([torch.ones(4, 1), corners[:, [1, 2, 0]]], dim=1) / 2
    return torch.einsum("kc,bc...->bk...", weights.to(field), field)


def intensity_distance(estimate: Tensor, target: Tensor, bands: int = 16) -> Tensor:
    """Distance between the band-wise active intensities Re(W* [Y, Z, X]), relative to the energy.

    Args:
        estimate: Spectra of AmbiX sound fields, shape (batch, 4, frames, bins).
        target: Spectra of the same shape.
        bands: About how many bands, equally wide on a logarithmic axis.

    Returns:
        A scalar: the energy-weighted mean length of the difference of the two intensity vectors, each in
        units of its own field's energy density; 0 for equal fields, about 1 for a field without direction.
    """
    a, energy_a = _band_intensity(estimate, bands)
    b, energy_b = _band_intensity(target, bands)
    difference = torch.linalg.vector_norm(a / (energy_a + 1e-6) - b / (energy_b + 1e-6), dim=1, keepdim=True)
    weight = energy_b.sqrt()
    distance: Tensor = (weight * difference).sum() / (weight.sum() + 1e-6)
    return distance


def _band_intensity(spectra: Tensor, bands: int) -> tuple[Tensor, Tensor]:
    """Intensity (batch, 3, frames, bands) and energy density (batch, 1, frames, bands)."""
    parts = torch.view_as_real(spectra)
    active = (parts[:, :1] * parts[:, 1:]).sum(dim=-1)
    power = parts.square().sum(dim=-1)
    energy = 0.5 * power.sum(dim=1, keepdim=True)
    members = band_members(spectra.shape[-1], bands).to(power)
    return active @ members, energy @ members
