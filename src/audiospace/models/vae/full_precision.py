"""Signal processing inside networks stays in float32 where their matrix products are computed in bfloat16."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import torch
from torch import Tensor

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def full_precision(
    function: Callable[Concatenate[Tensor, Arguments], Result],
) -> Callable[Concatenate[Tensor, Arguments], Result]:
    """Switch autocast off within a function: nothing complex comes in bfloat16, and eight bits are few.

    Args:
        function: Whose first argument is a tensor, in float32 or complex64.

    Returns:
        The function, the same with and without autocast.
    """

    @wraps(function)
    def exact(first: Tensor, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with torch.autocast(first.device.type, enabled=False):
            return function(first, *args, **kwargs)

    return exact
