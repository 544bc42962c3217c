"""What a training stage gives the engine: networks with their objectives, batches and validations."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audiospace.training.batches import Place
from audiospace.training.config import OptimiserConfig

TOTAL = "total"

Batch = Mapping[str, Tensor]
"""A share of a step's items, by name, items first in every tensor. Everything random about a step is in here,
so that networks are functions of the batch alone."""


@dataclass(frozen=True)
class Player:
    """A network that is trained for an objective of its own.

    The objective maps a batch to losses (scalars, one of them 'total', which is minimised) and perhaps to
    outputs (items first, detached), which the players after it find in their batch. Every loss is the mean
    over the items of something of the item alone, so that it does not matter how a batch is shared out.
    What the objective uses but does not train is kept from `parameters()`: see `frozen_call`.

    Attributes:
        name: In logs and checkpoints.
        objective: Whose parameters are trained, wherever they ask for gradients.
        optimiser: How.
        first_step: Step before which it is neither called nor changed.
    """

    name: str
    objective: nn.Module
    optimiser: OptimiserConfig
    first_step: int = 0


@dataclass(frozen=True)
class ShownSound:
    """A sound that a validation made, to be heard and seen in the log.

    Attributes:
        name: Such as 'generated 0'.
        field: AmbiX sound field, shape (4, samples).
        sample_rate: Samples per second.
    """

    name: str
    field: NDArray[np.float32]
    sample_rate: int


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes:
        figures: By name; lower 'total' is better, angles are in degrees.
        sounds: As many as were asked for, or fewer.
    """

    figures: Mapping[str, float]
    sounds: tuple[ShownSound, ...] = ()


class Stage(Protocol):
    """What is trained, on what, and how it is judged."""

    @property
    def players(self) -> tuple[Player, ...]:
        """The networks, in the order in which their objectives are computed."""

    def batch(self, step: int, place: Place) -> Batch:
        """Give a process's share of a step's batch, on the CPU.

        It depends on the step and the place alone, each item on its number in the global batch, and is made
        in a thread beside the training: it looks at no weights that are being trained.

        Args:
            step: Number of the step, from 0.
            place: Which share.

        Returns:
            The items numbered `place.numbers`.
        """

    def validate(self, show: int) -> Validation:
        """Judge the networks as they are. Every process does the same at the same time.

        The first thing called is an objective as a whole, then perhaps parts of it.

        Args:
            show: Sounds to make for the log; nothing is done for them at 0.

        Returns:
            Figures and sounds.
        """

    def write(self, path: Path) -> None:
        """Write what was trained, in one process, when the networks hold whole, averaged weights.

        Args:
            path: The file to write.
        """


def item_randomness(seed: int, step: int, number: int) -> tuple[np.random.Generator, torch.Generator]:
    """Sources of randomness for one item, whichever process prepares it.

    Args:
        seed: The run's seed.
        step: Number of the step.
        number: The item's number in the global batch.

    Returns:
        One for NumPy, one for torch on the CPU.
    """
    rng = np.random.default_rng((seed, step, number))
    return rng, torch.Generator().manual_seed(int(rng.integers(2**62)))


def frozen_call(module: nn.Module, *arguments: Any) -> Any:  # noqa: ANN401
    """Call a network of another player: gradients pass through to its inputs, none reach its weights.

    The player that asks keeps the other's network out of its own parameters, for example in a tuple.

    Args:
        module: The other player's network.
        *arguments: What it is called with.

    Returns:
        What it returns.
    """
    weights = {name: value.detach() for name, value in module.named_parameters()}
    return torch.func.functional_call(module, weights, arguments)
