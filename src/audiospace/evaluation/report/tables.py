"""The figures of an evaluation laid out in tables, one per group of metrics, before any format is chosen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from audiospace.evaluation.results import Evaluation, Group, Metric, SystemScores
from audiospace.evaluation.statistics import Interval

GROUP_TITLES: Mapping[Group, str] = {
    "spatial": "Where the sound comes from (AmbiX order, no floor)",
    "published": "Where the sound comes from, by the published formulas",
    "semantic": "What is heard",
    "visual": "How the sound fits the picture",
}
ARROWS: Mapping[str | None, str] = {"lower": "↓", "higher": "↑", None: ""}
"""Which way figures get better."""
FRONT = Metric(
    key="front_same_clips",
    title="front",
    group="spatial",
    unit="rad",
    better="lower",
    chance=None,
    note="angle of always saying front, on the row's own clips",
)
UNEVEN = (
    "Means with different n are of different clips; the paired differences compare systems on the clips that "
    "both have."
)
NOTHING = "-"
"""Stands where there is no figure."""


@dataclass(frozen=True)
class Column:
    """One metric of a table.

    Attributes:
        metric: Which one.
        digits: Decimals that its figures are shown with.
    """

    metric: Metric
    digits: int

    @property
    def arrow(self) -> str:
        """Which way figures get better; nothing for a column that is there for comparison."""
        return "" if self.metric is FRONT else ARROWS[self.metric.better]

    def text(self, value: float) -> str:
        """Write a figure of the column.

        Args:
            value: The figure; not finite where there is none.

        Returns:
            The figure with the column's decimals, never as minus zero, or a dash.
        """
        if not math.isfinite(value):
            return NOTHING
        return f"{round(value, self.digits) + 0.0:.{self.digits}f}"

    @property
    def chance(self) -> str:
        """What a system without any knowledge gets, or a dash."""
        return self.text(math.nan if self.metric.chance is None else self.metric.chance)


@dataclass(frozen=True)
class Cell:
    """One figure of a table, as text.

    Attributes:
        mean: The mean, or a dash.
        interval: Its interval in brackets; nothing where there is none.
        n: How many clips; 0 where there is no figure.
        best: Whether it is the best of the given systems.
    """

    mean: str
    interval: str
    n: int
    best: bool


@dataclass(frozen=True)
class Row:
    """One system of a table.

    Attributes:
        name: Name of the system.
        trivial: Whether it is there for comparison only.
        n: Clips that most of its figures are made of: the largest n.
        cells: Its figures, one per column.
    """

    name: str
    trivial: bool
    n: int
    cells: tuple[Cell, ...]

    def odd_count(self, cell: Cell) -> str:
        """Say how many clips a figure is made of where they are not those of the row.

        Args:
            cell: A figure of the row.

        Returns:
            "n=9", or nothing where it goes without saying.
        """
        return f"n={cell.n}" if 0 < cell.n != self.n else ""


@dataclass(frozen=True)
class GroupTable:
    """The table of one group of metrics.

    Attributes:
        group: The group.
        columns: Its metrics; in the spatial group always-front on the row's own clips is the last.
        rows: The given systems, then those trivial ones that have a figure here.
        uneven: Whether given systems are compared in some column though their n differ.
    """

    group: Group
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    uneven: bool

    @property
    def title(self) -> str:
        """Title for people."""
        return GROUP_TITLES[self.group]

    @property
    def has_chance(self) -> bool:
        """Whether the chance level of any column is known."""
        return any(column.metric.chance is not None for column in self.columns)


def group_tables(evaluation: Evaluation) -> tuple[GroupTable, ...]:
    """Lay out the figures of an evaluation.

    Best is said only of given systems, where at least two have the figure; those that look the same in the
    table are best together.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        One table per group of metrics, in the order in which the evaluation has them.
    """
    groups = dict.fromkeys(metric.group for metric in evaluation.metrics)
    return tuple(_table(group, evaluation) for group in groups)


def figure(scores: SystemScores, metric: Metric) -> Interval:
    """Give one figure of a system.

    Args:
        scores: The system.
        metric: A metric, or `FRONT`.

    Returns:
        Mean with interval; n = 0 where the system does not have it.
    """
    if metric is FRONT:
        return scores.front
    return scores.intervals.get(metric.key, Interval(math.nan, math.nan, math.nan, 0))


def _table(group: Group, evaluation: Evaluation) -> GroupTable:
    metrics = [metric for metric in evaluation.metrics if metric.group == group]
    if group == "spatial":
        metrics.append(FRONT)
    columns = tuple(Column(metric, _digits(metric, evaluation)) for metric in metrics)
    given = [scores for scores in evaluation.systems if not scores.trivial]
    best = {column.metric.key: _best(column, given) for column in columns}
    rows = []
    for scores in evaluation.systems:
        cells = tuple(
            _cell(column, figure(scores, column.metric), None if scores.trivial else best[column.metric.key])
            for column in columns
        )
        count = max((cell.n for cell in cells), default=0)
        if count or not scores.trivial:
            rows.append(Row(scores.name, scores.trivial, count, cells))
    uneven = any(len(_counts(column.metric, given)) > 1 for column in columns)
    return GroupTable(group, columns, tuple(rows), uneven)


def _digits(metric: Metric, evaluation: Evaluation) -> int:
    """Choose decimals so that the largest figure of a column has four digits or a few more."""
    means = [abs(figure(scores, metric).mean) for scores in evaluation.systems]
    largest = max((mean for mean in means if math.isfinite(mean)), default=0.0)
    return 3 if largest < 10 else 2 if largest < 100 else 1


def _counts(metric: Metric, given: list[SystemScores]) -> set[int]:
    return {figure(scores, metric).n for scores in given} - {0}


def _best(column: Column, given: list[SystemScores]) -> str | None:
    """Give the best figure of a column as its text, or None where nobody is to be called best."""
    means = [figure(scores, column.metric).mean for scores in given]
    means = [mean for mean in means if math.isfinite(mean)]
    if column.metric is FRONT or len(means) < 2:
        return None
    return column.text(min(means) if column.metric.better == "lower" else max(means))


def _cell(column: Column, interval: Interval, best: str | None) -> Cell:
    if interval.n == 0:
        return Cell(NOTHING, "", 0, best=False)
    mean = column.text(interval.mean)
    known = math.isfinite(interval.low) and math.isfinite(interval.high)
    ends = f"[{column.text(interval.low)}, {column.text(interval.high)}]"
    return Cell(mean, ends if known else "", interval.n, best=mean == best)
