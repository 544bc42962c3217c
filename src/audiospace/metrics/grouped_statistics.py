"""Statistics of a set of clips in a few groups, so that a figure can be taken again without each of them.

How far a figure of a whole set would move with another draw of clips follows from its values with one group
of clips left out at a time (the jackknife). Only one summary a group is kept, never the clips' embeddings.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

GROUP_COUNT = 20
"""At most so many groups: more would narrow the intervals by little and cost memory and time for each."""


class Mergeable(Protocol):
    """Statistics of clips that two sets can be combined by."""

    def merged(self, other: Self) -> Self:
        """Describe both sets taken together.

        Args:
            other: Statistics of other clips.

        Returns:
            The statistics of all clips.
        """
        ...


S = TypeVar("S", bound=Mergeable)


@dataclass(frozen=True, eq=False)
class Replicates:
    """A figure of a set, and the same figure with one group of clips left out at a time.

    Attributes:
        whole: The figure of all clips; NaN where it is not defined.
        without: The figure without one group, shape (groups,); NaN where it is not defined.
        sizes: How many clips are in that group, each at least 1, shape (groups,).
    """

    whole: float
    without: NDArray[np.float64]
    sizes: NDArray[np.int64]

    @property
    def n(self) -> int:
        """How many clips there are."""
        return int(self.sizes.sum())


@dataclass(frozen=True, eq=False)
class GroupedStatistics(Generic[S]):
    """Statistics of a set of clips in at most `GROUP_COUNT` groups; empty to begin with.

    A clip's place decides its group (place modulo `GROUP_COUNT`). Sets whose clips belong together, such as
    recorded and generated sounds, must give the same clip the same place, for example its place among the
    names of all recorded clips.

    Attributes:
        groups: One summary for each group; None where it has no clip.
        places: Places of the clips in each group.
    """

    groups: tuple[S | None, ...] = (None,) * GROUP_COUNT
    places: tuple[frozenset[int], ...] = field(default=(frozenset(),) * GROUP_COUNT)

    def with_clip(self, place: int, statistics: S) -> GroupedStatistics[S]:
        """Take in one clip.

        Args:
            place: Where the clip stands in the order of all clips, 0 or more.
            statistics: Its own statistics.

        Returns:
            The set with the clip.

        Raises:
            ValueError: The set has a clip of this place already.
        """
        group = place % GROUP_COUNT
        if place in self.places[group]:
            raise ValueError(f"the clip with place {place} is in the set already")
        so_far = self.groups[group]
        merged = statistics if so_far is None else so_far.merged(statistics)
        return replace(
            self,
            groups=(*self.groups[:group], merged, *self.groups[group + 1 :]),
            places=(*self.places[:group], self.places[group] | {place}, *self.places[group + 1 :]),
        )

    def only(self, groups: Container[int]) -> GroupedStatistics[S]:
        """Drop the clips of all other groups.

        Args:
            groups: Numbers of the groups to keep, each in [0, `GROUP_COUNT`).

        Returns:
            The smaller set.
        """
        return GroupedStatistics(
            tuple(held if group in groups else None for group, held in enumerate(self.groups)),
            tuple(held if group in groups else frozenset() for group, held in enumerate(self.places)),
        )

    @property
    def n(self) -> int:
        """How many clips there are."""
        return sum(len(places) for places in self.places)

    @property
    def whole(self) -> S | None:
        """Statistics of all clips; None if there are none."""
        total: S | None = None
        for group in self.groups:
            total = _together(total, group)
        return total

    def leaving_out(self) -> Iterator[S | None]:
        """Give, group by group, the statistics of all other groups; None where no clip is left."""
        return _leaving_out(self.groups, None)


def _together(first: S | None, second: S | None) -> S | None:
    if first is None or second is None:
        return second if first is None else first
    return first.merged(second)


def _leaving_out(groups: Sequence[S | None], others: S | None) -> Iterator[S | None]:
    """Halve the groups again and again: fewer merges than all others for each, and nothing subtracted."""
    if len(groups) == 1:
        yield others
        return
    half = len(groups) // 2
    for kept, dropped in ((groups[:half], groups[half:]), (groups[half:], groups[:half])):
        outside = others
        for group in dropped:
            outside = _together(outside, group)
        yield from _leaving_out(kept, outside)


def replicates(
    figure: Callable[..., float], generated: GroupedStatistics[S], *others: GroupedStatistics[S]
) -> Replicates:
    """Take a figure of all clips, and again without each group of clips, left out of every set alike.

    Args:
        figure: Function of the statistics of `generated` and of each of the others, in that order.
        generated: The set that the figure judges; its clips are counted.
        *others: Sets with the same clips in the same places. What they hold in groups that `generated` lacks
            always takes part.

    Returns:
        The figures; NaN where a set has no clip left.
    """

    def measured(*statistics: S | None) -> float:
        return float("nan") if any(one is None for one in statistics) else float(figure(*statistics))

    sets = (generated, *others)
    without = [
        (measured(*left), len(places))
        for places, *left in zip(generated.places, *(one.leaving_out() for one in sets), strict=True)
        if places
    ]
    return Replicates(
        whole=measured(*(one.whole for one in sets)),
        without=np.array([value for value, _ in without], dtype=np.float64),
        sizes=np.array([size for _, size in without], dtype=np.int64),
    )
