"""Tensors that are computed, not learned: made once, kept out of the weights."""

import functools
from collections.abc import Callable
from typing import ParamSpec, cast

import torch
from torch import Tensor

_Sizes = ParamSpec("_Sizes")


def cached_constant(make: Callable[_Sizes, Tensor]) -> Callable[_Sizes, Tensor]:
    """Keep the results of a function of sizes, on the CPU and usable in training and inference alike.

    Whoever asks first may be in inference mode, or building a model without memory on the meta device; what
    is kept must not depend on that. Results are shared: move them with `.to`, never write to them.

    Args:
        make: Makes the tensor from hashable arguments.

    Returns:
        The caching function.
    """

    @functools.wraps(make)
    def anywhere(*sizes: _Sizes.args, **named: _Sizes.kwargs) -> Tensor:
        with torch.inference_mode(False), torch.device("cpu"):
            return make(*sizes, **named)

    return cast(Callable[_Sizes, Tensor], functools.lru_cache(maxsize=64)(anywhere))
