"""Residual blocks along time that work at one rate."""

from torch import Tensor, nn
from torch.nn import functional

_KERNEL = 5


class ResidualBlock(nn.Module):
    """x + pointwise(gelu(convolution(x))); starts as the identity.

    Args:
        channels: Of input and output (batch, channels, time).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(channels, channels, _KERNEL, padding=_KERNEL // 2)
        self.pointwise = nn.Conv1d(channels, channels, 1)
        nn.init.zeros_(self.pointwise.weight)
        if self.pointwise.bias is not None:
            nn.init.zeros_(self.pointwise.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, channels, time) to the same shape."""
        y: Tensor = self.pointwise(functional.gelu(self.convolution(x)))
        return x + y


def residual_blocks(channels: int, depth: int) -> nn.Sequential:
    """`depth` blocks in a row."""
    return nn.Sequential(*(ResidualBlock(channels) for _ in range(depth)))


def reach(depth: int) -> int:
    """Steps on each side that `depth` blocks in a row look at."""
    return depth * (_KERNEL // 2)
