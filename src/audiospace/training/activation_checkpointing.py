"""Less memory for more arithmetic: the backward pass computes a block's inner results again."""

from collections.abc import Iterable
from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint


def recompute(blocks: Iterable[nn.Module]) -> None:
    """Keep only what goes into each block, and compute the rest again when its gradient is wanted.

    Chen et al., "Training deep nets with sublinear memory cost", 2016. Names of weights stay as they are.

    Args:
        blocks: Modules without randomness in their forward pass.
    """
    for block in blocks:
        block.forward = partial(checkpoint, block.forward, use_reentrant=False, preserve_rng_state=False)
