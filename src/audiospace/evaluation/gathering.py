"""From the figures of clips, one after another, to those of systems, at memory that hardly grows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.baselines import FRONT
from audiospace.evaluation.clip import REFERENCE, ClipOutcome
from audiospace.evaluation.results import Finding, Metric, Strip, SystemScores
from audiospace.evaluation.sets import HeardSets
from audiospace.evaluation.statistics import bootstrap_means
from audiospace.evaluation.trivial import ANOTHER_CLIP, RECORDED
from audiospace.metrics import direction_errors


@dataclass(eq=False)
class Gathered:
    """Everything that outcomes of clips leave behind.

    Attributes:
        values: Figures by system, clip and key of the metric.
        directions: Unit vectors by system and clip.
        heard: What embedders heard, as statistics of sets.
        maps_left_out: Windows without an energy map and all windows, by system.
        strips: Energy maps of a few clips.
        findings: What is odd, clip by clip.
        usable: Names of the clips whose recorded sound could be measured.
    """

    values: dict[str, dict[str, Mapping[str, float]]] = field(default_factory=dict)
    directions: dict[str, dict[str, NDArray[np.float64]]] = field(default_factory=dict)
    heard: HeardSets = field(default_factory=HeardSets)
    maps_left_out: dict[str, tuple[int, int]] = field(default_factory=dict)
    strips: list[Strip] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    usable: list[str] = field(default_factory=list)

    def add(self, outcome: ClipOutcome) -> None:
        """Take up what came of one clip.

        Args:
            outcome: Figures and findings.
        """
        self.findings += outcome.findings
        if not outcome.usable:
            return
        self.usable.append(outcome.clip)
        for system, values in outcome.values.items():
            self.values.setdefault(system, {})[outcome.clip] = values
        for system, vector in outcome.directions.items():
            self.directions.setdefault(system, {})[outcome.clip] = vector
        for system, (left_out, windows) in outcome.maps_left_out.items():
            before = self.maps_left_out.get(system, (0, 0))
            self.maps_left_out[system] = (before[0] + left_out, before[1] + windows)
        self.heard.add(len(self.usable) - 1, outcome.heard, REFERENCE)
        if outcome.strip is not None:
            self.strips.append(Strip(outcome.clip, 1.0, outcome.strip))


def gather(outcomes: Iterable[ClipOutcome], on_clip: Callable[[], None]) -> Gathered:
    """Take up outcomes in order.

    Args:
        outcomes: Of every clip.
        on_clip: Called after each.

    Returns:
        All that is needed of them.
    """
    gathered = Gathered()
    for outcome in outcomes:
        gathered.add(outcome)
        on_clip()
    shuffled = gathered.heard.of_another_clip(REFERENCE)
    if shuffled:
        gathered.values[ANOTHER_CLIP] = dict(zip(gathered.usable, shuffled, strict=True))
    return gathered


def scores_of(
    system: str, folder: Path | None, gathered: Gathered, metrics: tuple[Metric, ...], *, seed: int
) -> SystemScores:
    """Give the means of a system with their intervals.

    Args:
        system: Its name.
        folder: Where its sounds are; None for one that the evaluation makes.
        gathered: Figures of its clips.
        metrics: Those that were asked for.
        seed: Of the bootstrap.

    Returns:
        Means over the clips for which a figure is defined; figures of whole sets as `HeardSets` gives them.
    """
    clips = gathered.values.get(system, {})
    columns = {metric.key: _column(clips, metric.key) for metric in metrics}
    front = [
        direction_errors(gathered.directions[REFERENCE][clip], np.array(FRONT)).angle
        for clip, values in clips.items()
        if "angle" in values and clip in gathered.directions.get(REFERENCE, {})
    ]
    intervals = bootstrap_means({**columns, "": front}, seed=seed)
    sets = gathered.heard.intervals(REFERENCE if system == RECORDED else system, recorded=REFERENCE)
    return SystemScores(
        name=system,
        folder=folder,
        intervals={metric.key: sets.get(metric.key, intervals[metric.key]) for metric in metrics},
        clips=clips,
        front=intervals[""],
    )


def _column(clips: Mapping[str, Mapping[str, float]], key: str) -> list[float]:
    return [values[key] for values in clips.values() if key in values]


def left_out_notes(gathered: Gathered) -> list[str]:
    """Say how many windows have no energy map, by system.

    Args:
        gathered: Figures of clips.

    Returns:
        A sentence for each system that has such windows.
    """
    return [
        f"{system}: {left_out} of {windows} windows are silent or the same from everywhere; the means over "
        "time of map CC and AUC leave them out"
        for system, (left_out, windows) in gathered.maps_left_out.items()
        if left_out
    ]
