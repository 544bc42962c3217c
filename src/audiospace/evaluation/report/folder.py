"""An evaluation as a folder of files, which is there whole or not at all."""

import json
from pathlib import Path

from audiospace.errors import UserError
from audiospace.evaluation.report.csv_file import clips_csv, figures_csv
from audiospace.evaluation.report.json_file import FORMAT, json_text
from audiospace.evaluation.report.latex import latex
from audiospace.evaluation.report.markdown import markdown
from audiospace.evaluation.report.plots import draw_plots
from audiospace.evaluation.report.plots_style import require_plots
from audiospace.evaluation.results import Evaluation
from audiospace.generation.staging import folders_made
from audiospace.generation.temporary import remove_abandoned, temporary_folder
from audiospace.media.atomic import writing_error

RESULTS, PLOTS = "results.json", "plots"
FILES = (RESULTS, "table.md", "table.tex", "table.csv", "clips.csv")
"""Files of a report, beside the folder of plots."""


def check_report(folder: str | Path, *, plots: bool = True) -> None:
    """Check that a report can be written, before the work is done that it is about.

    Args:
        folder: Where the report is to be.
        plots: Whether plots are wanted.

    Raises:
        MissingExtraError: Plots are wanted and matplotlib is not installed.
        UserError: Something is there that is not an earlier report.
    """
    if plots:
        require_plots()
    folder = Path(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError("exists and is not a folder", file=folder, remedy="Choose another folder")
    is_report = _is_results(folder / RESULTS)
    for path in sorted(folder.iterdir()):
        if not (is_report and _is_ours(path)):
            raise UserError(
                f"holds {path.name!r}, which is not part of an earlier report that may be replaced",
                file=folder,
                remedy="Choose a new or an empty folder",
            )


def write_report(folder: str | Path, evaluation: Evaluation, *, plots: bool = True) -> None:
    """Write an evaluation in all formats.

    The folder gets `results.json` (every figure), `table.md`, `table.tex`, `table.csv`, `clips.csv` (every
    clip) and `plots/*.png`. They are written beside it and put in place together; an earlier report is
    replaced.

    Args:
        folder: Where; made if it is not there.
        evaluation: What `evaluate` returned.
        plots: Whether plots are drawn.

    Raises:
        MissingExtraError: Plots are wanted and matplotlib is not installed.
        UserError: Something is there that is not an earlier report, or the folder cannot be written.
    """
    check_report(folder, plots=plots)
    target = Path(folder).resolve()
    try:
        with folders_made(target.parent):
            remove_abandoned(target.parent)
            with temporary_folder(target.parent, target.name) as work:
                new = work / "new"
                new.mkdir()
                _fill(new, evaluation, plots=plots)
                _exchange(new, target, work / "old")
    except OSError as error:
        raise _refusal(error, folder) from error


def _is_ours(path: Path) -> bool:
    if path.name == PLOTS:
        return path.is_dir() and all(plot.suffix == ".png" for plot in path.iterdir())
    return path.name in FILES and path.is_file()


def _is_results(path: Path) -> bool:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(tree, dict) and tree.get("format") == FORMAT


def _fill(folder: Path, evaluation: Evaluation, *, plots: bool) -> None:
    texts = (
        json_text(evaluation),
        markdown(evaluation),
        latex(evaluation),
        figures_csv(evaluation),
        clips_csv(evaluation),
    )
    for name, text in zip(FILES, texts, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    if plots:
        (folder / PLOTS).mkdir()
        draw_plots(folder / PLOTS, evaluation)


def _exchange(new: Path, target: Path, old: Path) -> None:
    """Put a folder in the place of another one, which comes back if that fails."""
    if not target.exists():
        new.rename(target)
        return
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise


def _refusal(error: OSError, folder: str | Path) -> UserError:
    return writing_error(error, Path(folder)) or UserError(
        f"cannot be written to ({error.strerror})", file=folder, remedy="Choose another folder"
    )
