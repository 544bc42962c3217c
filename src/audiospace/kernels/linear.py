"""Linear layers in the layout and the precision that the processor multiplies fastest.

torch multiplies float32 matrices with MKL, which on processors that are not Intel's leaves more than half of
their speed unused, and lays weights out anew in every call. oneDNN, which torch ships too and uses in code
that it compiles itself, does neither. Its operators have no public names in torch; where they are missing the
plain layer does the work.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from audiospace.kernels.precision import has_onednn

ROWS = 512
"""How many rows of input weights are laid out for: about those of a guided window of the published model."""


def _onednn() -> Any | None:  # noqa: ANN401 (torch gives its operators no types)
    """The operators of oneDNN, where this build of torch has them."""
    operators = torch.ops.mkldnn
    return operators if has_onednn() and hasattr(operators, "_linear_pointwise") else None


def can_pack(layer: nn.Linear, dtype: torch.dtype) -> bool:
    """Tell whether oneDNN can keep a layer's weight in a layout of its own.

    Args:
        layer: The layer.
        dtype: Type to compute in.

    Returns:
        Whether `PackedLinear` takes it.
    """
    operators = _onednn()
    if operators is None or layer.weight.device.type != "cpu":
        return False
    return dtype == torch.float32 or bool(operators._is_mkldnn_bf16_supported())


class PackedLinear(nn.Module):
    """A linear layer on the CPU whose weight oneDNN has laid out once and for all; for inference only.

    Args:
        layer: The layer, on the CPU.
        dtype: `torch.float32`, or `torch.bfloat16` to compute in that; the output then has it too.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, layer: nn.Linear, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.in_features, self.out_features, self.dtype = layer.in_features, layer.out_features, dtype
        self._operators = _onednn()
        if self._operators is None:
            raise RuntimeError("this build of torch has no oneDNN")
        with torch.no_grad():
            packed = self._operators._reorder_linear_weight(layer.weight.detach().to(dtype), ROWS)
        self.register_buffer("weight", packed, persistent=False)
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach().to(dtype), False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (..., in_features) to (..., out_features), of this layer's type."""
        operators: Any = self._operators
        y: Tensor = operators._linear_pointwise(x.to(self.dtype), self.weight, self.bias, "none", [], "")
        return y


class HalfLinear(nn.Module):
    """A linear layer that computes in half precision whatever it is given; for GPUs, and CPUs without oneDNN.

    Args:
        layer: The layer.
        dtype: `torch.bfloat16` or `torch.float16`; the output has it too.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, layer: nn.Linear, dtype: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("weight", layer.weight.detach().to(dtype), persistent=False)
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach().to(dtype), False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (..., in_features) to (..., out_features), in half precision."""
        return functional.linear(x.to(self.weight.dtype), self.weight, self.bias)
