"""A table as Markdown and CSV, the published figures beside ours."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audiospace.evaluation.statistics import Interval
from audiospace.media import writing
from audiospace.reproduction.config import METRICS, Table
from audiospace.reproduction.summary import Cell, Line

TITLES = {
    "fd": "FD",
    "kl": "KL",
    "azimuth": "d azimuth",
    "elevation": "d elevation",
    "angle": "d angle",
}
"""Headings of the columns; angles are in radians."""
_CSV = (
    "row", "metric", "mean", "low", "high", "seed_spread", "seeds", "scenes",
    "difference", "difference_low", "difference_high", "paper",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """Everything that a table says.

    Attributes:
        table: What was to be reproduced.
        lines: Rows that are finished, and then those for comparison.
        circumstances: Sentences on how the figures came about.
    """

    table: Table
    lines: Sequence[Line]
    circumstances: Sequence[str]


def write_markdown(path: Path, report: Report) -> None:
    """Write the table with how to read it.

    Args:
        path: The file.
        report: What to write.
    """
    _write(path, markdown(report))


def write_csv(path: Path, report: Report) -> None:
    """Write one line for each row and metric.

    Args:
        path: The file.
        report: What to write.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV)
    for line in report.lines:
        for metric in METRICS:
            if metric in line.cells or metric in line.paper:
                writer.writerow(_csv_row(line, metric))
    _write(path, text.getvalue())


def markdown(report: Report) -> str:
    """Say it in Markdown.

    Args:
        report: What to say.

    Returns:
        The text.
    """
    table, compared = report.table, [line for line in report.lines if line.trained][1:]
    heads = [TITLES[metric] for metric in METRICS]
    parts = [
        f"## {table.title}",
        "\n".join(f"- {sentence}" for sentence in (*report.circumstances, *_reading(table))),
        _grid(
            ["row", *heads, *(f"paper: {head}" for head in heads)],
            [
                [
                    line.title,
                    *(_shown(line.cells.get(metric)) for metric in METRICS),
                    *(_number(line.paper.get(metric)) for metric in METRICS),
                ]
                for line in report.lines
            ],
        ),
    ]
    if compared:
        parts.append(f"Difference from '{report.lines[0].title}', paired by scene, with its 95 % interval:")
        rows = [
            [line.title, *(_difference(line.cells.get(metric)) for metric in METRICS)] for line in compared
        ]
        parts.append(_grid(["row", *heads], rows))
    return "\n\n".join(parts) + "\n"


def _reading(table: Table) -> tuple[str, ...]:
    return (
        "Lower is better everywhere. Angles are in radians, 1.57 by chance in azimuth and on the great "
        "circle; elevations are small because most sources are near the horizon. Each cell gives the mean "
        "over scenes and seeds, in brackets the 95 % interval over the draw of scenes, and after ± the "
        "standard deviation over seeds.",
        f"The paper's columns are from {table.source}. FD and KL there are of other embedders, its scenes "
        "are real videos, and its angles follow other formulas (`metrics.published_errors`): compare the "
        "order of rows and the steps between them, not the figures themselves.",
    )


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(cell: Cell | None) -> str:
    if cell is None:
        return ""
    interval = cell.interval
    spread = "" if math.isnan(cell.spread) else f" ± {_number(cell.spread)}"
    return f"{_number(interval.mean)} [{_number(interval.low)}, {_number(interval.high)}]{spread}"


def _difference(cell: Cell | None) -> str:
    found = None if cell is None else cell.difference
    if found is None:
        return ""
    return f"{found.mean:+.2f} [{found.low:+.2f}, {found.high:+.2f}]"


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.2f}"


def _csv_row(line: Line, metric: str) -> list[str]:
    cell = line.cells.get(metric)
    ends = [""] * 9
    if cell is not None:
        ends = [
            *_ends(cell.interval),
            _exact(cell.spread),
            str(len(cell.seeds)),
            str(cell.interval.n),
            *(_ends(cell.difference) if cell.difference is not None else [""] * 3),
        ]
    return [line.title, metric, *ends, _exact(line.paper.get(metric, math.nan))]


def _ends(interval: Interval) -> list[str]:
    return [_exact(interval.mean), _exact(interval.low), _exact(interval.high)]


def _exact(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"


def _write(path: Path, text: str) -> None:
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
