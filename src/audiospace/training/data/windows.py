"""Sound of any length cut into windows of one length, each with the time at which it begins."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import regroup

FloatArray = NDArray[np.float32]
ShortSound = Literal["pad", "repeat", "skip"]
LEAST: Mapping[ShortSound, float] = {"pad": 0.4, "repeat": 0.1}
"""Share of a window below which a sound is left out."""
LEAST_REST = 0.4
"""Share of a window below which what is left at the end of a sound is left out."""


@dataclass(frozen=True)
class WindowPlan:
    """How long windows are and where they begin.

    Attributes:
        samples: Length of a window.
        stride: Samples from one window to the next, at least `samples`.
        grid: A window begins at a multiple of so many samples, so that features fall into place.
        short: What becomes of a sound shorter than a window: followed by silence (from 0.4 windows on),
            repeated (from 0.1 windows on), or left out.
    """

    samples: int
    stride: int
    grid: int
    short: ShortSound


@dataclass(frozen=True, eq=False)
class Cut:
    """A window of a sound.

    Attributes:
        start: Number of its first sample.
        field: AmbiX, shape (4, samples).
    """

    start: int
    field: FloatArray


def cut(blocks: Iterable[FloatArray], plan: WindowPlan) -> Iterator[Cut]:
    """Cut a sound into windows; not more than two are in memory.

    The last window of a longer sound ends where the sound ends: it overlaps the one before.

    Args:
        blocks: Pieces of the sound in order, each of shape (4, n).
        plan: How to cut.

    Yields:
        The windows in order; none for a sound that is too short.
    """
    before = np.zeros((0, 0), dtype=np.float32)
    start = 0
    for piece in regroup(blocks, plan.stride):
        block = np.asarray(piece, dtype=np.float32)
        if block.shape[1] >= plan.samples:
            yield Cut(start, block[:, : plan.samples])
        elif before.size:
            yield from _rest(before, block, start, plan)
        else:
            yield from _short(block, plan)
        before, start = block, start + block.shape[1]


def _rest(before: FloatArray, block: FloatArray, start: int, plan: WindowPlan) -> Iterator[Cut]:
    """The window at the end of a longer sound."""
    if block.shape[1] < LEAST_REST * plan.samples:
        return
    joined = np.concatenate([before, block], axis=1)
    first = start - before.shape[1]
    begins = (start + block.shape[1] - plan.samples) // plan.grid * plan.grid
    if begins > first:
        yield Cut(begins, joined[:, begins - first : begins - first + plan.samples])


def _short(block: FloatArray, plan: WindowPlan) -> Iterator[Cut]:
    """The window of a sound that does not fill it."""
    if plan.short == "skip" or block.shape[1] < LEAST[plan.short] * plan.samples:
        return
    if plan.short == "pad":
        yield Cut(0, np.pad(block, ((0, 0), (0, plan.samples - block.shape[1]))))
        return
    times = -(-plan.samples // block.shape[1])
    yield Cut(0, np.tile(block, times)[:, : plan.samples])
