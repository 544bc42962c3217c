"""What an evaluation found, as plain data: figures with n and intervals, comparisons, findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.evaluation.significance import Comparison
from audiospace.evaluation.statistics import Interval

Group = Literal["spatial", "published", "semantic", "visual"]
"""Which table a figure belongs to: directions and maps (AmbiX order, no floor), the same by the formulas of
published scripts, what is heard, and how it fits what is seen."""

Kind = Literal[
    "missing",
    "no reference",
    "several files",
    "unreadable",
    "channels",
    "not finite",
    "silent",
    "undefined",
    "length",
    "rate",
]


@dataclass(frozen=True)
class Metric:
    """A figure that is given for every system.

    Attributes:
        key: Its name in files: lower case, no spaces.
        title: Its name in tables.
        group: The table that it belongs to.
        unit: "rad", "nats", ... or "" for a plain number.
        better: Whether a smaller or a larger figure is better.
        chance: What a system without any knowledge gets; None where that depends on the clips.
        note: What it is, in one sentence.
        headline: Whether systems are compared by it.
    """

    key: str
    title: str
    group: Group
    unit: str
    better: Literal["lower", "higher"]
    chance: float | None
    note: str
    headline: bool = False


@dataclass(frozen=True)
class Finding:
    """Something about one clip that the reader of the figures should know.

    Attributes:
        system: Name of the system, or "reference".
        clip: Name of the clip.
        kind: What sort of thing it is.
        detail: What exactly, in words.
        counted: Whether the clip is part of the system's means all the same.
    """

    system: str
    clip: str
    kind: Kind
    detail: str
    counted: bool


@dataclass(frozen=True)
class SystemScores:
    """What one system achieves.

    Attributes:
        name: Name of the system.
        folder: Where its sounds are; None for one that the evaluation makes itself (a trivial one).
        intervals: Mean with its interval by key of the metric; n = 0 where it is not defined for the system.
        clips: Values by name of the clip and key of the metric; only those that are defined.
        front: Mean great-circle error of always saying "front" on this system's own clips.
    """

    name: str
    folder: Path | None
    intervals: Mapping[str, Interval]
    clips: Mapping[str, Mapping[str, float]]
    front: Interval

    @property
    def trivial(self) -> bool:
        """Whether it is one of the systems that every table has for comparison."""
        return self.folder is None


@dataclass(frozen=True, eq=False)
class Strip:
    """Energy maps of one clip over time, for pictures.

    Attributes:
        clip: Name of the clip.
        seconds: Length of a map's window.
        maps: Power by name of the system ("reference" first), each of shape (times, height, width), in
            equirectangular form as `ambisonics.energy_map` gives it.
    """

    clip: str
    seconds: float
    maps: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Every system against the same recorded sounds.

    Attributes:
        reference: Folder of the recorded sounds.
        metrics: The figures that were asked for, in the order of the tables.
        systems: The given systems, then the trivial ones.
        comparisons: Paired differences between systems in the headline metrics.
        findings: What was left out of means, or counted in spite of a difference.
        notes: What the reader should know of the whole, each a sentence.
        directions: Unit vector of the time-averaged intensity by system ("reference" among them) and clip.
        strips: Energy maps of a few clips.
        seed: Seed of intervals, tests and random directions.
        confidence: Probability that an interval covers.
    """

    reference: Path
    metrics: tuple[Metric, ...]
    systems: tuple[SystemScores, ...]
    comparisons: tuple[Comparison, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    directions: Mapping[str, Mapping[str, NDArray[np.float64]]]
    strips: tuple[Strip, ...]
    seed: int
    confidence: float = 0.95
