"""Exponential moving average of a network's weights."""

import torch
from torch import Tensor, nn


class ExponentialMovingAverage:
    """A shadow copy of a network's parameters that follows them slowly.

    The decay warms up as (1 + n) / (10 + n), so that early averages are not stuck at the initial weights.
    Sharded parameters have sharded shadows.

    Attributes:
        decay: Largest decay per step, 0..1.
        updates: Updates so far.
        shadow: Averaged parameters by name.

    Args:
        network: Whose parameters are followed, on the device on which it is trained.
        decay: Largest decay per step, 0..1.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.shadow: dict[str, Tensor] = {
            name: value.detach().clone() for name, value in network.named_parameters() if value.requires_grad
        }

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move the average towards the network's present parameters."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        present = dict(network.named_parameters())
        for name, average in self.shadow.items():
            average.lerp_(present[name], 1.0 - decay)

    @torch.no_grad()
    def exchange(self, network: nn.Module) -> None:
        """Swap the network's parameters with the average; a second call swaps them back."""
        present = dict(network.named_parameters())
        for name, average in self.shadow.items():
            kept = present[name].detach().clone()
            present[name].copy_(average)
            average.copy_(kept)
