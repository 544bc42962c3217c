"""Figures, comparisons and tables as JSON and CSV files hold them."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

from audiospace.evaluation.significance import Comparison

DIGITS = 6
"""Decimals of every figure."""


def rounded(value: float | None) -> float | None:
    """Round a figure for files.

    Args:
        value: A figure, or None.

    Returns:
        It with six decimals, never minus zero; None if it is None or not finite.
    """
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DIGITS) + 0.0


def comparison_tree(comparison: Comparison) -> dict[str, object]:
    """Describe a comparison of two systems, without what it is a comparison of.

    Args:
        comparison: It.

    Returns:
        A tree that `json.dumps` takes.
    """
    return {
        "first": comparison.first,
        "second": comparison.second,
        "n": comparison.n,
        "difference": rounded(comparison.difference),
        "low": rounded(comparison.low),
        "high": rounded(comparison.high),
        "p": rounded(comparison.p),
        "p_adjusted": rounded(comparison.p_adjusted),
    }


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as comma-separated values.

    Args:
        columns: Names of the columns.
        rows: As many cells each; None is an empty cell.

    Returns:
        The text; lines end in a line feed on every system.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()
