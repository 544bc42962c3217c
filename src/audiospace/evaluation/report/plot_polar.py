"""Where sounds come from, seen from above the listener: the front is up, the left side on the left."""

import math
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import angles
from audiospace.evaluation.report.plot_histogram import REFERENCE
from audiospace.evaluation.report.plots_style import GREY, MEDIUM, RECORDED, SMALL, colours, short
from audiospace.evaluation.results import Evaluation, SystemScores

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.projections.polar import PolarAxes

COLUMNS = 3
RINGS = {0: "+90°", 45: "+45°", 90: "0°", 135: "-45°", 180: ""}
"""Label of the elevation by degrees from straight up."""
FULL_STRENGTH = 40
"""Clips up to which points and lines are drawn at full size and strength."""


def place(direction: NDArray[np.floating]) -> tuple[float, float]:
    """Give the place of a direction on the plot.

    Args:
        direction: Unit vector (x, y, z) or several, shape (3,).

    Returns:
        The azimuth in radians, left positive, and the distance from straight up in degrees, in [0, 180].
    """
    azimuth, elevation = angles(direction)
    return float(azimuth), 90 - math.degrees(float(elevation))


def polar_figure(evaluation: Evaluation) -> "Figure | None":
    """Draw the direction of every clip, recorded and generated, joined by a line.

    Trivial systems are drawn only where no other one was given.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        One panel per system; None if no clip has a direction.
    """
    from matplotlib.figure import Figure

    drawn = _drawn(evaluation)
    if not drawn:
        return None
    columns = min(COLUMNS, len(drawn))
    lines = -(-len(drawn) // columns)
    figure = Figure(figsize=(max(4.0, 3.4 * columns), 0.4 + 3.3 * lines), layout="compressed")
    grid = figure.subplots(lines, columns, squeeze=False, subplot_kw={"projection": "polar"})
    palette = colours([scores.trivial for scores in drawn])
    for index, axes in enumerate(grid.flat):
        if index < len(drawn):
            _panel(cast("PolarAxes", axes), evaluation, drawn[index].name, palette[index])
        else:
            axes.set_visible(False)
    figure.supxlabel(
        "azimuth around, elevation from straight up (middle) to straight down (rim); circles: recorded",
        fontsize=SMALL if columns == 1 else MEDIUM,
        wrap=True,
    )
    return figure


def _drawn(evaluation: Evaluation) -> list[SystemScores]:
    truth = evaluation.directions.get(REFERENCE, {})
    able = [
        scores
        for scores in evaluation.systems
        if any(clip in truth for clip in evaluation.directions.get(scores.name, {}))
    ]
    return [scores for scores in able if not scores.trivial] or able


def _panel(axes: "PolarAxes", evaluation: Evaluation, name: str, colour: str) -> None:
    truth = evaluation.directions[REFERENCE]
    found = evaluation.directions[name]
    clips = [clip for clip in found if clip in truth]
    recorded = np.array([place(truth[clip]) for clip in clips])
    generated = np.array([place(found[clip]) for clip in clips])
    strength = min(1.0, max(0.15, FULL_STRENGTH / len(clips)))
    # One curve with gaps is drawn much faster than a line for each clip.
    gap = np.full(len(clips), np.nan)
    joined = np.stack([recorded.T, generated.T, np.stack([gap, gap])], axis=2).reshape(2, -1)
    axes.plot(joined[0], joined[1], color=GREY, alpha=0.6 * strength, linewidth=0.8, zorder=1)
    axes.scatter(generated[:, 0], generated[:, 1], s=22 * strength, color=colour, alpha=0.9, zorder=2)
    axes.scatter(
        recorded[:, 0],
        recorded[:, 1],
        s=26 * strength,
        facecolors="none",
        edgecolors=RECORDED,
        linewidths=strength**0.5,
        zorder=3,
    )
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(1)
    axes.set_ylim(0, 180)
    axes.set_yticks([ring for ring in RINGS], labels=list(RINGS.values()), fontsize=SMALL - 1, color=GREY)
    axes.set_rlabel_position(-22.5)
    axes.set_xticks(
        np.radians([0, 45, 90, 135, 180, 225, 270, 315]).tolist(),
        labels=["front", "+45°", "left\n+90°", "+135°", "back", "-135°", "right\n-90°", "-45°"],
        fontsize=SMALL,
    )
    axes.grid(linewidth=0.5, color="#d0d0d0")
    axes.set_title(f"{short(name)} (n = {len(clips)})", fontsize=MEDIUM, color=colour, parse_math=False)
