"""All plots of an evaluation as files."""

import re
from pathlib import Path

from audiospace.evaluation.report.plot_histogram import histogram_figure
from audiospace.evaluation.report.plot_polar import polar_figure
from audiospace.evaluation.report.plot_strips import strip_figure
from audiospace.evaluation.report.plots_style import require_plots, save
from audiospace.evaluation.results import Evaluation

_UNSAFE = re.compile(r"[^\w.-]+")


def draw_plots(folder: Path, evaluation: Evaluation) -> list[Path]:
    """Draw error histograms, directions seen from above, and energy maps of a few clips.

    Args:
        folder: An existing folder.
        evaluation: What `evaluate` returned.

    Returns:
        The PNG files: `errors.png`, `directions.png`, `energy-NN-CLIP.png`; those without anything to show
        are not there.

    Raises:
        MissingExtraError: Matplotlib is not installed.
    """
    require_plots()
    figures = {"errors": histogram_figure(evaluation), "directions": polar_figure(evaluation)}
    for number, strip in enumerate(evaluation.strips, start=1):
        figures[f"energy-{number:02}-{_UNSAFE.sub('_', strip.clip)[:60]}"] = strip_figure(strip)
    written = []
    for name, figure in figures.items():
        if figure is not None:
            path = folder / f"{name}.png"
            save(figure, path)
            written.append(path)
    return written
