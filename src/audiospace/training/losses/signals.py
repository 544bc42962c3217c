"""The signals of a first-order field whose magnitudes a loss compares: its channels, sums and differences."""

import torch
from torch import Tensor
from torch.nn import functional

OMNI = slice(0, 1)
CHANNELS = slice(0, 4)
CARDIOIDS = slice(4, 10)


def channels_and_cardioids(field: Tensor, rotations: Tensor) -> Tensor:
    """W, Y, Z, X of the turned field, then the six cardioids (W +- Y) / 2, (W +- Z) / 2, (W +- X) / 2.

    For stereo, comparing the magnitudes of left, right, sum and difference keeps the phase relation of the
    two (Steinmetz, Pons, Pascual and Serra 2021). This is the same for four channels: the sums and
    differences of W with the others are cardioids that look both ways along the axes, and their magnitudes
    fix what is lost in the channels' own, the signs of Y, Z and X against W, hence the directions.

    Args:
        field: AmbiX sound fields or their spectra, shape (batch, 4, ...), channels W, Y, Z, X.
        rotations: How each field is turned first, shape (batch, 3, 3), acting on (x, y, z).

    Returns:
        Signals, shape (batch, 10, ...).
    """
    return torch.einsum("bkc,bc...->bk...", _mixing(rotations).to(field), field)


def _mixing(rotations: Tensor) -> Tensor:
    """Gains of the channels in the signals, shape (batch, 10, 4)."""
    order = [1, 2, 0]  # from (x, y, z) to Y, Z, X
    dipoles = functional.pad(rotations[:, order][:, :, order], (1, 0))
    omni = functional.pad(torch.ones_like(dipoles[:, :1, :1]), (0, 3))
    both = torch.stack([omni + dipoles, omni - dipoles], dim=2).flatten(1, 2) / 2
    return torch.cat([omni, dipoles, both], dim=1)
