"""Energy maps over time: one line per system, one picture per moment."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audiospace.evaluation.report.plots_style import MEDIUM, SMALL, short
from audiospace.evaluation.results import Strip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_MOMENTS = 10
RANGE = 15.0
"""Decibels below the loudest direction and moment of a line at which the colour ends."""
FLOOR = 1e-30
SPACE = 24
"""Degrees between two maps."""


def decibels(maps: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the levels of maps relative to the strongest direction of all of them.

    Args:
        maps: Power, shape (times, height, width).

    Returns:
        Decibels in [-15, 0], the same shape; -15 everywhere where there is no sound at all.
    """
    power = np.nan_to_num(np.asarray(maps, dtype=np.float64), posinf=0.0, neginf=0.0)
    strongest = float(power.max(initial=0.0))
    if strongest < FLOOR:
        return np.full(power.shape, -RANGE)
    levels = 10 * np.log10(np.maximum(power / strongest, FLOOR))
    return np.asarray(np.clip(levels, -RANGE, 0.0))


def moments(count: int) -> list[int]:
    """Choose which maps are shown.

    Args:
        count: How many there are.

    Returns:
        Indices, evenly spaced from the first on, at most ten.
    """
    return list(range(0, count, -(-count // MOST_MOMENTS) or 1))


def strip_figure(strip: Strip) -> "Figure | None":
    """Draw the energy maps of one clip.

    Each line has its own scale: 0 dB is its loudest direction and moment. The front is in the middle of a
    map, the left side on its left.

    Args:
        strip: The maps.

    Returns:
        One line per system; None if there is no map.
    """
    from matplotlib.figure import Figure

    lines = {name: maps for name, maps in strip.maps.items() if maps.size}
    if not lines:
        return None
    shown = moments(max(len(maps) for maps in lines.values()))
    width, height = max(4.5, 2.0 + 1.3 * len(shown)), 0.8 + 0.68 * len(lines)
    figure = Figure(figsize=(width, height), layout="compressed")
    axes = figure.subplots()
    for line, maps in enumerate(lines.values()):
        levels = decibels(maps)
        for column, moment in enumerate(shown):
            if moment < len(levels):
                _draw(axes, levels[moment], *corner(column, line))
    _label(axes, list(lines), [f"{(moment + 0.5) * strip.seconds:.1f} s" for moment in shown])
    axes.set_title(f"Energy by direction: {short(strip.clip)}", fontsize=MEDIUM, pad=20, parse_math=False)
    bar = figure.colorbar(axes.images[0], ax=axes, fraction=0.03, pad=0.01)
    bar.set_label("dB below the line's loudest", fontsize=SMALL - 1)
    bar.ax.tick_params(labelsize=SMALL - 1)
    return figure


def corner(column: int, line: int) -> tuple[int, int]:
    """Give the place of a map on the plot, whose unit is one degree.

    Args:
        column: Which moment.
        line: Which system.

    Returns:
        Its left edge (azimuth +180 degrees) and its upper edge (elevation +90 degrees); upwards is positive.
    """
    return column * (360 + SPACE), -line * (180 + SPACE)


def _draw(axes: "Axes", levels: NDArray[np.float64], left: int, top: int) -> None:
    """Draw one map: rows go from above to below, columns from the left (+180 degrees) to the right."""
    axes.imshow(
        levels,
        extent=(left, left + 360, top - 180, top),
        vmin=-RANGE,
        vmax=0,
        cmap="viridis",
        interpolation="bilinear",
    )


def _label(axes: "Axes", names: Sequence[str], times: Sequence[str]) -> None:
    """Write the systems beside their lines, times above the columns and directions below them."""
    lefts = [corner(column, 0)[0] for column in range(len(times))]
    middles = [corner(0, line)[1] - 90 for line in range(len(names))]
    axes.set_xlim(0, lefts[-1] + 360)
    axes.set_ylim(middles[-1] - 90, 0)
    axes.set_aspect("equal")
    axes.set_yticks(middles, labels=[short(name) for name in names], fontsize=SMALL, parse_math=False)
    axes.set_xticks(
        [left + place for left in lefts for place in (90, 180, 270)],
        labels=["L", "F", "R"] * len(times),
        fontsize=SMALL - 1,
    )
    axes.tick_params(length=0)
    for left, time in zip(lefts, times, strict=True):
        axes.text(left + 180, 20, time, ha="center", va="bottom", fontsize=SMALL)
    for spine in axes.spines.values():
        spine.set_visible(False)
