"""A table as a picture: our figures with their intervals above, the published ones below."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from audiospace.evaluation.report.plots_style import COLOURS, GREY, MEDIUM, SMALL, require_plots, save
from audiospace.reproduction.report import TITLES, Report
from audiospace.reproduction.summary import Line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = ("fd", "kl", "angle")
"""Metrics with a panel."""


def draw_table(path: Path, report: Report) -> None:
    """Draw the figures of a table.

    Args:
        path: The PNG file.
        report: What to draw.

    Raises:
        MissingExtraError: Matplotlib is not installed.
    """
    require_plots()
    from matplotlib.figure import Figure

    published = [line for line in report.lines if line.paper]
    height = 1.6 + 0.28 * (len(report.lines) + len(published))
    figure = Figure(figsize=(10, height), layout="constrained")
    ratios = [len(report.lines) + 1, len(published) + 1]
    panels = figure.subplots(2, len(SHOWN), height_ratios=ratios, sharey="row", squeeze=False)
    for column, metric in enumerate(SHOWN):
        _ours(panels[0, column], report.lines, metric)
        _theirs(panels[1, column], published, metric)
    figure.suptitle(f"{report.table.title}: SimSphere, and below the paper's figures", fontsize=MEDIUM)
    save(figure, path)


def _ours(axes: "Axes", lines: Sequence[Line], metric: str) -> None:
    for place, line in enumerate(lines):
        cell = line.cells.get(metric)
        if cell is None:
            continue
        colour = COLOURS[0] if line.trained else GREY
        axes.plot([cell.interval.low, cell.interval.high], [place, place], color=colour)
        axes.plot(cell.interval.mean, place, "o", color=colour)
        if len(cell.seeds) > 1:
            axes.plot(cell.seeds, [place] * len(cell.seeds), "|", color=COLOURS[1], markersize=MEDIUM)
    _label(axes, lines, TITLES[metric])


def _theirs(axes: "Axes", lines: Sequence[Line], metric: str) -> None:
    for place, line in enumerate(lines):
        axes.plot(line.paper[metric], place, "D", color=COLOURS[2])
    _label(axes, lines, f"paper: {TITLES[metric]}")


def _label(axes: "Axes", lines: Sequence[Line], title: str) -> None:
    axes.set_yticks(range(len(lines)), [line.title for line in lines], fontsize=SMALL)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_xlabel(title, fontsize=SMALL)
    axes.tick_params(axis="x", labelsize=SMALL)
    axes.grid(axis="x", alpha=0.3)
