"""Short stretches of long items: many different sounds in a batch for the price of a few long ones."""

import math

import torch
from torch import Tensor

from audiospace.training.latents import LatentSet


def random_starts(count: int, frames: int, generators: list[torch.Generator]) -> Tensor:
    """Draw where stretches begin.

    Args:
        count: Latent frames of an item.
        frames: Latent frames of a stretch, at most `count`.
        generators: Source of randomness of each item.

    Returns:
        First frames, int64 (items,), each equally likely.
    """
    return torch.stack([torch.randint(count - frames + 1, (), generator=each) for each in generators])


def cut(items: LatentSet, starts: Tensor, frames: int) -> LatentSet:
    """Cut a stretch out of each item.

    Args:
        items: Latents and features that cover the same time.
        starts: First latent frame of each stretch, int64 (items,).
        frames: Latent frames of a stretch.

    Returns:
        Stretches of latents, and for each branch the time steps that cover them, equally many for all items.
    """
    count = items.latents.shape[2]
    return LatentSet(
        _rows(items.latents.transpose(1, 2), starts, frames).transpose(1, 2),
        {name: _covering(values, starts, frames, count) for name, values in items.features.items()},
    )


def _covering(values: Tensor, starts: Tensor, frames: int, count: int) -> Tensor:
    """The steps of features (items, T, ...) under stretches of items that are `count` latent frames long."""
    steps = values.shape[1]
    needed = min(steps, math.ceil(frames * steps / count))
    first = (starts * steps // count).clamp(max=steps - needed)
    return _rows(values, first, needed)


def _rows(values: Tensor, starts: Tensor, length: int) -> Tensor:
    """Rows `starts` to `starts + length` of each item's (items, T, ...)."""
    return torch.stack(
        [item[start : start + length] for item, start in zip(values, starts.tolist(), strict=True)]
    )
