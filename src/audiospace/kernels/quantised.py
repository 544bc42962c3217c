"""A linear layer in 8-bit integers, its input quantised as it comes (dynamic quantisation)."""

from typing import Any

import torch
from torch import Tensor, nn

_LEVELS = 127
_ZERO = 128
_TINY = 1e-12


class QuantisedLinear(nn.Module):
    """Weights of 8 bits with one scale per output, inputs of 8 bits with one scale per row; the sum is exact.

    oneDNN multiplies unsigned by signed bytes into 32-bit integers (VNNI instructions), about four times as
    fast as floating point. It knows one scale for the whole input; a scale per row loses less, since tokens
    differ in size, so rows are brought to one scale first and the output is scaled back.

    Args:
        layer: The layer, on the CPU.
    """

    weight: Tensor
    weight_scale: Tensor
    weight_zero: Tensor
    bias: Tensor | None

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        with torch.no_grad():
            weight = layer.weight.detach().float()
            scale = weight.abs().amax(dim=1).clamp(min=_TINY) / _LEVELS
            integers = (weight / scale[:, None]).round().to(torch.int8)
            self.register_buffer("weight", _operators().qlinear_prepack(integers, None), persistent=False)
        self.register_buffer("weight_scale", scale, persistent=False)
        self.register_buffer("weight_zero", torch.zeros(len(scale), dtype=torch.int64), persistent=False)
        self.register_buffer("bias", None if layer.bias is None else layer.bias.detach().float(), False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (..., in_features) to (..., out_features), float32."""
        rows = x.reshape(-1, self.in_features).float()
        largest, smallest = rows.amax(dim=1, keepdim=True), rows.amin(dim=1, keepdim=True)
        scale = torch.maximum(largest, smallest.neg_()).clamp_(min=_TINY).div_(_LEVELS)
        # The half makes cutting off a rounding; torch is four times slower from floats to bytes directly.
        integers = (rows / scale).add_(_ZERO + 0.5).to(torch.int32).to(torch.uint8)
        y: Tensor = _operators().qlinear_pointwise(
            integers,
            1.0,
            _ZERO,
            self.weight,
            self.weight_scale,
            self.weight_zero,
            None,
            1.0,
            0,
            torch.float32,
            "none",
            [],
            "",
        )
        y.mul_(scale)
        if self.bias is not None:
            y.add_(self.bias)
        return y.reshape(*x.shape[:-1], self.out_features)


def _operators() -> Any:  # noqa: ANN401 (torch gives its operators no types)
    return torch.ops.onednn
