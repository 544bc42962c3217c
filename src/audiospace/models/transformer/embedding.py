"""What becomes the first token: the flow time and the global condition."""

import math

import torch
from torch import Tensor, nn

FOURIER_WIDTH = 256


class TimestepEmbedding(nn.Module):
    """Learned Fourier features of the flow time, cosines first, and a two-layer network.

    Args:
        width: Channels of a token.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.frequencies = nn.Parameter(torch.randn(FOURIER_WIDTH // 2))
        self.network = nn.Sequential(nn.Linear(FOURIER_WIDTH, width), nn.SiLU(), nn.Linear(width, width))

    def features(self, t: Tensor) -> Tensor:
        """Fourier features (batch, 256) of flow times t (batch,) in [0, 1]."""
        angles = 2 * math.pi * t[:, None] * self.frequencies
        return torch.cat((angles.cos(), angles.sin()), dim=-1)

    def forward(self, t: Tensor) -> Tensor:
        """Embed flow times t (batch,) in [0, 1] as (batch, width)."""
        embedded: Tensor = self.network(self.features(t))
        return embedded


class GlobalEmbedding(nn.Module):
    """A two-layer network on every frame of the global condition, then the maximum over time.

    Without biases, so that a condition of zeros embeds as zero: the same as none.

    Args:
        global_dim: Channels of the condition.
        width: Channels of a token.
    """

    def __init__(self, global_dim: int, width: int) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(global_dim, width, bias=False), nn.SiLU(), nn.Linear(width, width, bias=False)
        )

    def forward(self, condition: Tensor) -> Tensor:
        """Pool a condition (batch, time, global_dim) to (batch, width)."""
        embedded: Tensor = self.network(condition)
        return embedded.amax(dim=1)
