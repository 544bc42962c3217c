"""What embedders heard in whole sets of clips: distances and scores that no single clip has."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from audiospace.evaluation.jackknife import (
    compare_frechet,
    frechet_interval,
    inception_interval,
    jackknife_interval,
)
from audiospace.evaluation.pair_values import heard_values
from audiospace.evaluation.significance import Comparison
from audiospace.evaluation.statistics import Interval
from audiospace.hearing import Heard
from audiospace.metrics import (
    GaussianStatistics,
    GroupedStatistics,
    LabelStatistics,
    kernel_replicates,
)


@dataclass(eq=False)
class HeardSet:
    """What one embedder heard of one system, and of the recorded sounds of the same clips.

    Attributes:
        generated: Statistics of all windows of the system's sounds.
        recorded: Those of the recorded sounds of the same clips.
        labels: Statistics of the label probabilities of the system's sounds.
        heard: What was heard in each of the system's sounds, with one mean embedding instead of all.
        recorded_heard: The same of the recorded sounds.
    """

    generated: GroupedStatistics[GaussianStatistics] = field(default_factory=GroupedStatistics)
    recorded: GroupedStatistics[GaussianStatistics] = field(default_factory=GroupedStatistics)
    labels: GroupedStatistics[LabelStatistics] = field(default_factory=GroupedStatistics)
    heard: list[Heard] = field(default_factory=list)
    recorded_heard: list[Heard] = field(default_factory=list)

    def add(self, place: int, heard: Heard, recorded: Heard) -> None:
        """Take up one clip.

        Args:
            place: Where the clip stands among all.
            heard: What the embedder heard in the system's sound.
            recorded: What it heard in the recorded sound.
        """
        self.generated = self.generated.with_clip(place, GaussianStatistics.of(heard.embeddings))
        self.recorded = self.recorded.with_clip(place, GaussianStatistics.of(recorded.embeddings))
        self.heard.append(_mean(heard))
        self.recorded_heard.append(_mean(recorded))
        if heard.probabilities is not None:
            self.labels = self.labels.with_clip(place, LabelStatistics.of(heard.probabilities[None]))


class HeardSets:
    """Sets of every system and embedder, filled clip by clip.

    Memory grows with the number of clips by one embedding and the logits of each sound; all else is
    statistics.
    """

    def __init__(self) -> None:
        self._sets: dict[tuple[str, str], HeardSet] = {}

    def add(self, place: int, heard: Mapping[str, Mapping[str, Heard]], recorded: str) -> None:
        """Take up one clip.

        Args:
            place: Where the clip stands among all.
            heard: What embedders heard, by system and name of the embedder.
            recorded: Name in `heard` of the recorded sound.
        """
        for system, by_embedder in heard.items():
            for name, one in by_embedder.items():
                found = self._sets.setdefault((system, name), HeardSet())
                found.add(place, one, heard[recorded][name])

    def intervals(self, system: str, *, recorded: str) -> dict[str, Interval]:
        """Give the figures of a system's sets.

        Args:
            system: Its name.
            recorded: Name of the recorded sound, which has no distance from itself.

        Returns:
            Fréchet and kernel distances and inception scores with their intervals, by key; those that are
            defined.
        """
        figures: dict[str, Interval] = {}
        for name, found in self._of(system):
            if system != recorded:
                figures[f"frechet_{name}"] = frechet_interval(found.recorded, found.generated)
                kernel = kernel_replicates(_stacked(found.recorded_heard), _stacked(found.heard))
                figures[f"kernel_{name}"] = jackknife_interval(kernel)
            if found.labels.n:
                figures[f"inception_{name}"] = inception_interval(found.labels)
        return {key: interval for key, interval in figures.items() if math.isfinite(interval.mean)}

    def compare(self, first: str, second: str) -> Iterator[Comparison]:
        """Compare two systems' Fréchet distances on the clips that both have.

        Args:
            first: Name of a system.
            second: Name of another one.

        Yields:
            One comparison for each embedder, not yet adjusted.
        """
        for name, one in self._of(first):
            other = self._sets.get((second, name))
            if other is not None:
                yield compare_frechet(
                    f"frechet_{name}",
                    one.recorded,
                    (first, one.generated),
                    (second, other.generated),
                )

    def of_another_clip(self, recorded: str) -> list[dict[str, float]]:
        """Compare each recorded sound with that of another clip, half of the set away.

        Args:
            recorded: Name of the recorded sound.

        Returns:
            Figures of pairs by key, for each clip in the order of `add`; none for fewer than two clips.
        """
        values: list[dict[str, float]] = []
        for name, found in self._of(recorded):
            count = len(found.heard)
            values = values or [{} for _ in range(count if count > 1 else 0)]
            for place, figures in enumerate(values):
                other = found.heard[(place + count // 2) % count]
                figures |= heard_values(name, found.heard[place], other).values
        return values

    def notes(self) -> list[str]:
        """Say where sets are too small for a distance to mean much.

        Returns:
            A sentence for each embedder with such sets.
        """
        notes = {}
        for (_, name), found in self._sets.items():
            whole = found.generated.whole
            if whole is not None and whole.count <= 10 * whole.mean.size:
                notes[name] = (
                    f"FD {name}: {found.generated.n} clips give {whole.count} embeddings of "
                    f"{whole.mean.size} dimensions, too few for a value that another set could be compared "
                    "with; read it only against other rows with the same n"
                )
        return list(notes.values())

    def narrowed_notes(self, systems: Sequence[str]) -> list[str]:
        """Say where `compare` leaves out clips that both systems have.

        Args:
            systems: Names of the systems that are compared.

        Returns:
            A sentence for each such pair and embedder.
        """
        notes = []
        for first, second in combinations(systems, 2):
            for name, one in self._of(first):
                other = self._sets.get((second, name))
                if other is None:
                    continue
                groups = list(zip(one.generated.places, other.generated.places, strict=True))
                shared = sum(len(a & b) for a, b in groups)
                kept = sum(len(a) for a, b in groups if a == b)
                if kept < shared:
                    notes.append(
                        f"FD {name}: {first} and {second} are compared on {kept} of the {shared} clips that "
                        "both have; sets are compared without the groups in which one of them lacks a clip"
                    )
        return notes

    def _of(self, system: str) -> Iterator[tuple[str, HeardSet]]:
        return ((name, found) for (owner, name), found in self._sets.items() if owner == system)


def _mean(heard: Heard) -> Heard:
    return Heard(heard.embeddings.mean(axis=0, keepdims=True), heard.logits)


def _stacked(heard: Sequence[Heard]) -> NDArray[np.float32]:
    return np.concatenate([one.embeddings for one in heard])
