"""Exponential moving average of a network's weights."""

import torch
from torch import nn


class ExponentialMovingAverage:
    """A shadow copy of a network's parameters that follows them slowly.

    The decay warms up as (1 + n) / (10 + n), so that early averages are not stuck at the initial weights.

    Attributes:
        decay: Largest decay per step, 0..1.
        updates: Updates so far.
        shadow: Averaged parameters by name.

    Args:
        network: Whose parameters are followed.
        decay: Largest decay per step, 0..1.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.shadow = {name: value.detach().clone() for name, value in network.named_parameters()}

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move the average towards the network's present parameters."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, value in network.named_parameters():
            self.shadow[name].lerp_(value, 1.0 - decay)

    @torch.no_grad()
    def exchange(self, network: nn.Module) -> None:
        """Swap the network's parameters with the average; a second call swaps them back."""
        for name, value in network.named_parameters():
            present = value.detach().clone()
            value.copy_(self.shadow[name])
            self.shadow[name].copy_(present)

    def state_dict(self) -> dict[str, object]:
        """Everything needed to go on, for a checkpoint."""
        return {"updates": self.updates, "shadow": self.shadow}

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Restore what `state_dict` gave."""
        self.updates = int(state["updates"])  # type: ignore[call-overload]
        shadow = state["shadow"]
        for name, value in shadow.items():  # type: ignore[attr-defined]
            self.shadow[name].copy_(value)
