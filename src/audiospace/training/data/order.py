"""In which order shards are read: a function of seed, epoch and position alone, with nothing to remember.

The samples of an epoch are one long row: the shards in a random order, and within each shard blocks in their
own order with their samples shuffled. The row is cut into equally long lanes, and every lane feeds its own
items of the global batch. Lanes therefore read different shards, processes read different lanes, and no
sample comes twice in an epoch; what is left out of it is less than one sample a lane.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np

from audiospace.training.batches import Place

MOST_LANES = 64
SHARDS, SAMPLES, SUBSTITUTES = 0, 1, 2
"""Tags that keep the kinds of draws apart."""


@dataclass(frozen=True)
class Lane:
    """One of the parallel readers, and where it stands.

    Attributes:
        number: Of the lane.
        position: Samples that it gave before, over all epochs.
    """

    number: int
    position: int


@dataclass(frozen=True)
class Slot:
    """Where a sample is.

    Attributes:
        shard: Number of the shard.
        index: Number of the sample in it.
    """

    shard: int
    index: int


class Order:
    """The order of a set of shards.

    Args:
        counts: Samples of each shard, at least 1.
        seed: Of the shuffling.
        block: Samples shuffled among each other within a shard.
    """

    def __init__(self, counts: Sequence[int], seed: int, block: int) -> None:
        self._counts = tuple(counts)
        self._total = sum(counts)
        self._seed = seed
        self._block = block
        self._shards_in_order = lru_cache(maxsize=4)(self._shuffled_shards)

    def lanes(self, batch_size: int) -> int:
        """Number of lanes: the most that divide the batch, with a shard for each.

        Args:
            batch_size: Items of the global batch.

        Returns:
            At least 1, at most 64.
        """
        most = min(batch_size, len(self._counts), MOST_LANES)
        return max(count for count in range(1, most + 1) if batch_size % count == 0)

    def lane_of(self, step: int, number: int, place: Place) -> Lane:
        """Say which lane gives an item, and from which position.

        Args:
            step: Number of the step.
            number: The item's number in the global batch.
            place: Says how large that is.

        Returns:
            The lane; its items are neighbours in the batch.
        """
        each = place.batch_size // self.lanes(place.batch_size)
        return Lane(number // each, step * each + number % each)

    def slots(self, lane: Lane, lanes: int) -> Iterator[Slot]:
        """Say which sample a lane gives at a position, and which others may take its place.

        Args:
            lane: The lane and the position.
            lanes: How many there are.

        Yields:
            Where the sample is; then, without end, samples drawn at random from those that the lane gives in
            the same epoch.
        """
        length = self._total // lanes
        epoch, offset = divmod(lane.position, length)
        yield self._slot(lane.number, epoch, offset, length)
        rng = np.random.default_rng((self._seed, SUBSTITUTES, lane.number, lane.position))
        while True:
            yield self._slot(lane.number, epoch, int(rng.integers(length)), length)

    def _slot(self, lane: int, epoch: int, offset: int, length: int) -> Slot:
        """The sample at an offset into a lane's part of the row."""
        order, starts = self._shards_in_order(epoch)
        place = lane * length + offset
        turn = bisect_right(starts, place) - 1
        return Slot(order[turn], self._within(epoch, order[turn], place - starts[turn]))

    def _within(self, epoch: int, shard: int, place: int) -> int:
        """Which sample of a shard has a place in the shuffled shard."""
        block, offset = divmod(place, self._block)
        size = min(self._block, self._counts[shard] - block * self._block)
        shuffled = _permutation((self._seed, SAMPLES, epoch, shard, block), size)
        return block * self._block + shuffled[offset]

    def _shuffled_shards(self, epoch: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shards as they follow each other in an epoch, and where each begins in the row."""
        order = _permutation((self._seed, SHARDS, epoch), len(self._counts))
        starts = (0, *accumulate(self._counts[shard] for shard in order))
        return order, starts[:-1]


@lru_cache(maxsize=1024)
def _permutation(seed: tuple[int, ...], size: int) -> tuple[int, ...]:
    return tuple(np.random.default_rng(seed).permutation(size).tolist())
