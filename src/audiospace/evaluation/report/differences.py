"""Paired differences between systems as rows of text."""

import math
from dataclasses import dataclass

from audiospace.evaluation.report.tables import NOTHING, Column
from audiospace.evaluation.results import Evaluation
from audiospace.evaluation.significance import Comparison

SMALLEST_P = 0.001
UNDECIDED = "not told apart"


@dataclass(frozen=True)
class Difference:
    """One comparison, as text.

    Attributes:
        metric: Title of the metric with its unit.
        first: Name of a system.
        second: Name of another one.
        given: Whether both were given, and none is there for comparison only.
        n: How many clips both have.
        difference: Mean of first minus second, with its sign.
        interval: Its interval in brackets; nothing where there is none.
        p: Probability of so large a difference if the two were the same, or a dash.
        p_adjusted: The same after Holm's correction.
        better: Name of the better one where the corrected probability says so.
    """

    metric: str
    first: str
    second: str
    given: bool
    n: int
    difference: str
    interval: str
    p: str
    p_adjusted: str
    better: str


def differences(evaluation: Evaluation) -> tuple[Difference, ...]:
    """Write the comparisons of an evaluation as rows of a table.

    A system is called better where the probability after Holm's correction is at most one minus the
    confidence of the intervals: 0.05 by default.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        One row per comparison; those between two given systems come first.
    """
    rows = [_difference(comparison, evaluation) for comparison in evaluation.comparisons]
    return tuple(sorted(rows, key=lambda row: not row.given))


def _difference(comparison: Comparison, evaluation: Evaluation) -> Difference:
    metric = next(metric for metric in evaluation.metrics if metric.key == comparison.metric)
    trivial = {scores.name for scores in evaluation.systems if scores.trivial}
    column = Column(metric, digits=3)
    known = math.isfinite(comparison.low) and math.isfinite(comparison.high)
    return Difference(
        metric=f"{metric.title} ({metric.unit})" if metric.unit else metric.title,
        first=comparison.first,
        second=comparison.second,
        given=not {comparison.first, comparison.second} & trivial,
        n=comparison.n,
        difference=_signed(column, comparison.difference),
        interval=f"[{_signed(column, comparison.low)}, {_signed(column, comparison.high)}]" if known else "",
        p=_probability(comparison.p),
        p_adjusted=_probability(comparison.p_adjusted),
        better=_better(comparison, lower=metric.better == "lower", limit=1 - evaluation.confidence),
    )


def _signed(column: Column, value: float) -> str:
    text = column.text(value)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def _probability(p: float | None) -> str:
    if p is None or not math.isfinite(p):
        return NOTHING
    return f"<{SMALLEST_P}" if p < SMALLEST_P else f"{p:.3f}"


def _better(comparison: Comparison, *, lower: bool, limit: float) -> str:
    p = comparison.p_adjusted
    if p is None or not p <= limit or comparison.difference == 0:
        return UNDECIDED
    return comparison.first if (comparison.difference < 0) == lower else comparison.second
