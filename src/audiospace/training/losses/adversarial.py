"""Losses of networks that play against each other (hinge: Lim and Ye 2017; features: Larsen et al. 2016)."""

from collections.abc import Sequence

import torch
from torch import Tensor


def discriminator_hinge(real: Sequence[Tensor], made: Sequence[Tensor]) -> Tensor:
    """What a discriminator minimises: real sound is to score above 1, made sound below -1.

    Args:
        real: Its scores of real sound, one tensor of shape (batch, ...) per network.
        made: Its scores of made sound.

    Returns:
        A scalar, 0 where both are told apart with a margin, 2 where it cannot tell.
    """
    each = [
        (1 - a).clamp_min(0).mean() + (1 + b).clamp_min(0).mean() for a, b in zip(real, made, strict=True)
    ]
    return torch.stack(each).mean()


def generator_hinge(made: Sequence[Tensor]) -> Tensor:
    """What a generator minimises: the discriminator's scores of what it made, with the sign turned.

    Args:
        made: The discriminator's scores, one tensor of shape (batch, ...) per network.

    Returns:
        A scalar without bounds; about 1 where the discriminator sees through it, below 0 where it is fooled.
    """
    return -torch.stack([scores.mean() for scores in made]).mean()


def feature_distance(real: Sequence[Sequence[Tensor]], made: Sequence[Sequence[Tensor]]) -> Tensor:
    """Mean absolute difference of a discriminator's inner features of real and of made sound.

    Args:
        real: Features of real sound by network and layer, each of shape (batch, ...); taken as given.
        made: Features of made sound.

    Returns:
        A scalar, 0 for equal features; the mean over layers, then over networks.
    """
    each = [
        torch.stack([(a.detach() - b).abs().mean() for a, b in zip(layers, others, strict=True)]).mean()
        for layers, others in zip(real, made, strict=True)
    ]
    return torch.stack(each).mean()
