"""A player in training: its network as the processes share it, its optimiser and its average."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule

from audiospace.training.activation_checkpointing import recompute
from audiospace.training.ema import ExponentialMovingAverage
from audiospace.training.processes import repeated_blocks, shared_like, whole
from audiospace.training.schedule import rate_factor
from audiospace.training.stage import TOTAL, Batch, Player


class TrainedPlayer:
    """Adds to a player all that training needs of it.

    Attributes:
        player: The player.
        optimiser: AdamW over its trainable parameters.
        average: Moving average of these, or None.

    Args:
        player: The player; its objective is moved to the device, and sharded in place under FSDP.
        fabric: Of the processes.
        checkpoint_activations: Whether its blocks' inner results are computed again in the backward pass.
    """

    def __init__(self, player: Player, fabric: Fabric, *, checkpoint_activations: bool) -> None:
        self.player = player
        self._fabric = fabric
        if checkpoint_activations:
            recompute(repeated_blocks(player.objective))
        self._wrapped = fabric.setup_module(player.objective)
        settings = player.optimiser
        self._parameters = {
            name: value for name, value in player.objective.named_parameters() if value.requires_grad
        }
        self.optimiser = torch.optim.AdamW(
            _parameter_groups(self._parameters.values(), settings.weight_decay),
            lr=settings.learning_rate,
            betas=settings.betas,
        )
        self.average = (
            ExponentialMovingAverage(player.objective, settings.ema_decay) if settings.ema_decay else None
        )

    def accumulate(
        self, batch: Batch, parts: int, *, last: bool
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Compute the losses of one part of the batch and add its share of the gradient.

        Args:
            batch: The part, on the device.
            parts: Into how many the batch is cut.
            last: Whether this is the last one, after which the processes' gradients are put together.

        Returns:
            Losses (scalars, divided by the number of parts), and outputs for the players that follow.
        """
        with self._fabric.no_backward_sync(self._wrapped, enabled=not last):
            results: dict[str, Tensor] = self._wrapped(batch)
            losses = {name: value / parts for name, value in results.items() if value.ndim == 0}
            self._fabric.backward(losses[TOTAL])
        outputs = {name: value.detach() for name, value in results.items() if value.ndim > 0}
        return {name: value.detach() for name, value in losses.items()}, outputs

    def update(self, step: int, share: float) -> dict[str, float]:
        """Change the weights by the gradient that has come together.

        Args:
            step: Number of the step.
            share: Share of the run that is done, 0..1.

        Returns:
            The gradient's norm before clipping, and the learning rate.
        """
        settings = self.player.optimiser
        rate = settings.learning_rate * rate_factor(settings, step - self.player.first_step, share)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        norm = nn.utils.clip_grad_norm_(self._parameters.values(), settings.clip_norm or float("inf"))
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        if self.average is not None:
            self.average.update(self.player.objective)
        return {"gradient": float(whole(norm)), "rate": rate}

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within the block, the network has its averaged weights and is in evaluation mode."""
        objective = self.player.objective
        self.use_average()
        objective.eval()
        try:
            yield
        finally:
            objective.train()
            self._reshard()
            self.use_average()

    def use_average(self) -> None:
        """Swap the present weights with their average; a second call swaps them back."""
        if self.average is not None:
            self.average.exchange(self.player.objective)

    def finish(self) -> None:
        """Put whole, averaged weights into the first process's network, on the CPU, and train no more."""
        self.use_average()
        objective = self.player.objective
        present = dict(objective.named_parameters())
        for name, value in self._gathered(present).items():
            module, leaf = _place_of(objective, name)
            parameter = nn.Parameter(value, requires_grad=present[name].requires_grad)
            module.register_parameter(leaf, parameter)
        for name, value in list(objective.named_buffers()):
            module, leaf = _place_of(objective, name)
            setattr(module, leaf, value.cpu())

    def state(self) -> dict[str, Any]:
        """Everything needed to go on, put together from all processes, which all call this together.

        Returns:
            Whole tensors on the CPU in the first process; nothing of use in the others.
        """
        moments = {
            name: self._gathered(self.optimiser.state[parameter])
            for name, parameter in self._parameters.items()
            if parameter in self.optimiser.state
        }
        average = self.average and {
            "updates": self.average.updates,
            "shadow": self._gathered(self.average.shadow),
        }
        return {
            "weights": self._gathered(self._parameters),
            "buffers": {name: value.cpu() for name, value in self.player.objective.named_buffers()},
            "moments": moments,
            "average": average,
        }

    @torch.no_grad()
    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave, each process its share.

        Args:
            state: Of a player with the same parameters.

        Raises:
            KeyError: It lacks something.
            RuntimeError: A shape is another one.
        """
        for name, parameter in self._parameters.items():
            parameter.copy_(shared_like(state["weights"][name], parameter))
            if name in state["moments"]:
                self.optimiser.state[parameter] = {
                    key: shared_like(value, parameter).clone() if value.ndim else value.clone()
                    for key, value in state["moments"][name].items()
                }
        for name, buffer in self.player.objective.named_buffers():
            buffer.copy_(state["buffers"][name])
        if self.average is not None:
            self.average.updates = int(state["average"]["updates"])
            for name, average in self.average.shadow.items():
                average.copy_(shared_like(state["average"]["shadow"][name], average))

    def _gathered(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Whole tensors on the CPU, one after the other; kept in the first process only."""
        kept = {}
        for name, value in tensors.items():
            full = whole(value)
            if self._fabric.is_global_zero:
                kept[name] = full.cpu()
        return kept

    def _reshard(self) -> None:
        """Free the whole weights that FSDP keeps after a forward pass that no backward pass follows."""
        for module in self.player.objective.modules():
            if isinstance(module, FSDPModule):
                module.reshard()


def _parameter_groups(parameters: Iterable[Tensor], weight_decay: float) -> list[dict[str, object]]:
    """Matrices decay; gains, biases and activation parameters do not."""
    trainable = list(parameters)
    matrices = [value for value in trainable if value.ndim >= 2]
    vectors = [value for value in trainable if value.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]


def _place_of(network: nn.Module, name: str) -> tuple[nn.Module, str]:
    """The module that holds a weight, and its name there."""
    owner, _, leaf = name.rpartition(".")
    return network.get_submodule(owner), leaf
