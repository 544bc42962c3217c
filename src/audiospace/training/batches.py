"""Where the items of a step come from, the same for one process, many, or a batch taken in parts."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from audiospace.training.latents import LatentSet


@dataclass(frozen=True)
class Place:
    """Which share of the global batch is asked for.

    Shares are equal, contiguous and in order.

    Attributes:
        rank: Number of the share, 0 to `world` - 1.
        world: Number of shares.
        batch_size: Items of the global batch, a multiple of `world`.

    Raises:
        ValueError: The numbers do not fit together.
    """

    rank: int
    world: int
    batch_size: int

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.world or self.batch_size < 1 or self.batch_size % self.world:
            raise ValueError(f"no equal shares: {self.rank=}, {self.world=}, {self.batch_size=}")

    @property
    def numbers(self) -> range:
        """Numbers in the global batch of this share's items."""
        size = self.batch_size // self.world
        return range(self.rank * size, (self.rank + 1) * size)


class BatchSource(Protocol):
    """Gives the items of any step.

    Which item has number n in the batch of a step depends on the source's own seed, the step and n alone, not
    on who asks: shares put together are the batch that a single process would have had, and a run that is
    taken up at a step sees what the uncut run saw. Sources that read from a file in order go to the place
    where the step begins when they are first asked.
    """

    def batch(self, step: int, place: Place) -> LatentSet:
        """Give one share of a step's batch.

        Args:
            step: Number of the step, from 0.
            place: Which share.

        Returns:
            The items numbered `place.numbers`, in that order, in float32.
        """


@dataclass(frozen=True)
class InMemory:
    """Draws from prepared items, with replacement.

    Attributes:
        items: At least one.
        seed: Of the draws.
    """

    items: LatentSet
    seed: int

    def batch(self, step: int, place: Place) -> LatentSet:
        """Give one share of a step's batch, as `BatchSource` says."""
        rng = np.random.default_rng((self.seed, step))
        drawn = rng.integers(0, len(self.items), size=place.batch_size)
        return self.items.batch(torch.from_numpy(drawn[place.numbers.start : place.numbers.stop]))
