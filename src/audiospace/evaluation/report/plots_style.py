"""What the plots of a report have in common: colours, letters, panels, and how they become files."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from audiospace.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""One per system, told apart with any colour vision (Okabe and Ito, "Color Universal Design", 2008)."""
GREY = "#808080"
"""For trivial systems, and for what is there for comparison."""
RECORDED = "#222222"
"""For the recorded sound."""
SMALL, MEDIUM = 8, 9
"""Sizes of letters in points."""
RESOLUTION = 150
"""Dots per inch."""
LONGEST_NAME = 30


def require_plots() -> None:
    """Check that plots can be drawn, before any work is done for them.

    Raises:
        MissingExtraError: Matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("drawing plots (--no-plots leaves them out)", "plots") from error


def short(name: str) -> str:
    """Shorten a name so that it fits above a panel.

    Args:
        name: Name of a system or clip.

    Returns:
        It, or its beginning with an ellipsis.
    """
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def colours(trivial: Sequence[bool]) -> list[str]:
    """Choose a colour for each system.

    Args:
        trivial: Of each system, whether it is there for comparison only.

    Returns:
        Hexadecimal colours: grey for trivial systems; others have their own, until the palette begins anew.
    """
    chosen = []
    for system, is_trivial in enumerate(trivial):
        place = system - sum(trivial[:system])
        chosen.append(GREY if is_trivial else COLOURS[place % len(COLOURS)])
    return chosen


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as a PNG file.

    Args:
        figure: What was drawn.
        path: The file; it is overwritten.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; the plot is good all the same.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(path, format="png", dpi=RESOLUTION)
