"""How the angle to the recorded sound is distributed over the clips, one panel per system."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import angular_distance
from audiospace.evaluation.report.plots_style import GREY, MEDIUM, RECORDED, SMALL, colours, short
from audiospace.evaluation.results import Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REFERENCE = "reference"
BINS = 18
"""Of ten degrees each."""
COLUMNS = 4
TICKS = {0.0: "0", math.pi / 4: "π/4", math.pi / 2: "π/2", 3 * math.pi / 4: "3π/4", math.pi: "π"}


def angles_by_system(evaluation: Evaluation) -> dict[str, NDArray[np.float64]]:
    """Give the great-circle error of every clip.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        Radians in [0, pi] by name of the system, of the clips that have a direction; systems without any are
        left out.
    """
    truth = evaluation.directions.get(REFERENCE, {})
    found = {}
    for scores in evaluation.systems:
        directions = evaluation.directions.get(scores.name, {})
        clips = [clip for clip in directions if clip in truth]
        if clips:
            found[scores.name] = angular_distance(
                np.stack([truth[clip] for clip in clips]), np.stack([directions[clip] for clip in clips])
            )
    return found


def histogram_figure(evaluation: Evaluation) -> "Figure | None":
    """Draw the distribution of the great-circle error, trivial systems in grey.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        One panel per system with its mean and the chance level; None if no clip has a direction.
    """
    from matplotlib.figure import Figure

    angles = angles_by_system(evaluation)
    if not angles:
        return None
    columns = min(COLUMNS, len(angles))
    lines = -(-len(angles) // columns)
    figure = Figure(figsize=(max(4.5, 2.5 * columns), 0.9 + 1.8 * lines), layout="constrained")
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    systems = [scores for scores in evaluation.systems if scores.name in angles]
    palette = colours([scores.trivial for scores in systems])
    panels = list(grid.flat)
    for axes, scores, colour in zip(panels, systems, palette, strict=False):
        _panel(axes, scores.name, angles[scores.name], colour)
    for column, axes in enumerate(panels):
        if column >= len(systems):
            axes.set_visible(False)
        elif column + columns >= len(systems):
            axes.tick_params(labelbottom=True)
    for line in grid:
        line[0].set_ylabel("clips", fontsize=SMALL)
    figure.supxlabel(
        "great-circle error (rad); line: mean, dots: two random directions (π/2)", fontsize=MEDIUM
    )
    return figure


def _panel(axes: "Axes", name: str, angles: NDArray[np.float64], colour: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.hist(angles, bins=np.linspace(0, math.pi, BINS + 1).tolist(), color=colour, alpha=0.75)
    axes.axvline(math.pi / 2, color=GREY, linestyle=":", linewidth=1)
    mean = float(angles.mean())
    axes.axvline(mean, color=RECORDED, linewidth=1.2)
    title = f"{short(name)}\nmean {mean:.2f}, n = {len(angles)}"
    axes.set_title(title, fontsize=SMALL, parse_math=False)
    axes.set_xlim(0, math.pi)
    axes.set_xticks(list(TICKS), labels=list(TICKS.values()))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.tick_params(labelsize=SMALL)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
