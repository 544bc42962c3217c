"""The periodic activation of the autoencoder (Ziyin et al. 2020; two parameters as in BigVGAN, 2023)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_EPSILON = 1e-9


class _Snake(torch.autograd.Function):
    """x + sin(alpha x)^2 * gain, keeping only x for the backward pass and allocating once in the forward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Tensor, gain: Tensor) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(x, alpha, gain)
        y = x * alpha
        return y.sin_().square_().mul_(gain).add_(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # noqa: ANN401
        x, alpha, gain = ctx.saved_tensors
        angle = x * (2 * alpha)
        slope = angle.sin().mul_(gradient)  # d sin(u)^2 / du = sin 2u
        to_alpha = (slope * x).sum(dim=(0, 2), keepdim=True) * gain
        to_gain = angle.cos_().neg_().add_(1).mul_(gradient).sum(dim=(0, 2), keepdim=True) / 2
        to_x = slope.mul_(alpha * gain).add_(gradient)
        return to_x, to_alpha, to_gain


class Snake(nn.Module):
    """y = x + sin(exp(alpha) x)^2 / (exp(beta) + 1e-9), with alpha and beta learned per channel.

    Args:
        channels: Of the input (batch, channels, time); the output has its shape.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation to x (batch, channels, time)."""
        y: Tensor = _Snake.apply(x, *self.coefficients())  # type: ignore[no-untyped-call]
        return y

    def coefficients(self) -> tuple[Tensor, Tensor]:
        """exp(alpha) and 1 / (exp(beta) + 1e-9), each of shape (1, channels, 1)."""
        alpha = self.alpha.exp()[None, :, None]
        gain = (self.beta.exp() + _EPSILON).reciprocal()[None, :, None]
        return alpha, gain
