"""Rotary position embedding (Su et al. 2021) on the first channels of each head, in half-split layout."""

import torch
from torch import Tensor

_BASE = 10000.0


def rotary_angles(length: int, width: int, device: torch.device) -> Tensor:
    """The angle of every position and channel pair.

    Args:
        length: Number of tokens, at positions 0 to length - 1.
        width: Channels that are turned; even.
        device: Where the result lives.

    Returns:
        Angles in radians, float32 (length, width); both channels of a pair (j, j + width / 2) share theirs,
        position * 10000^(-2 j / width).
    """
    exponents = torch.arange(0, width, 2, device=device, dtype=torch.float32) / width
    positions = torch.arange(length, device=device, dtype=torch.float32)
    angles = torch.outer(positions, _BASE**-exponents)
    return torch.cat((angles, angles), dim=-1)


def rotate_heads(heads: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn the first channels of queries or keys by their position; the rest pass through.

    Args:
        heads: (..., length, channels).
        cosine: Of the angles, float32 (length, width) with width <= channels.
        sine: Of the angles, likewise.

    Returns:
        The same shape and type; the turning itself is done in float32.
    """
    width = cosine.shape[-1]
    turned = heads[..., :width].float()
    low, high = turned.chunk(2, dim=-1)
    turned = turned * cosine + torch.cat((-high, low), dim=-1) * sine
    return torch.cat((turned.to(heads.dtype), heads[..., width:]), dim=-1)
