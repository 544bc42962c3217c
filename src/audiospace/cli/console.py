"""What commands share of the terminal: progress on the standard error, results on the standard output."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

StageProgress = Callable[[str, int, int], None]
"""Called with the name of a stage, the steps done and their number."""


def output() -> Console:
    """Give the console for results."""
    return Console(highlight=False, soft_wrap=True)


def print_json(tree: Mapping[str, object]) -> None:
    """Print a result as JSON on the standard output."""
    typer.echo(json.dumps(tree, indent=2, allow_nan=False))


@contextmanager
def stage_progress(*, quiet: bool = False) -> Iterator[StageProgress]:
    """Show one progress bar per stage, with the time that is left, on the standard error.

    Args:
        quiet: Show nothing; nor is anything shown where the standard error is not a terminal.

    Yields:
        A function to call with a stage's name, the steps done and their number.
    """
    bars = _bars(quiet=quiet)
    tasks: dict[str, TaskID] = {}

    def advance(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)

    with bars:
        yield advance


@contextmanager
def batch_progress() -> Iterator[StageProgress]:
    """Show two progress bars on the standard error: one of the clips, one of the current stage.

    Yields:
        A function to call with "clips" or a stage's name, the steps done and their number.
    """
    bars = _bars(quiet=False)
    whole = bars.add_task("clips", total=None)
    current: dict[str, TaskID] = {}

    def advance(stage: str, done: int, total: int) -> None:
        if stage == "clips":
            bars.update(whole, completed=done, total=total)
            return
        if stage not in current:
            for task in current.values():
                bars.remove_task(task)
            current.clear()
            current[stage] = bars.add_task(stage, total=total)
        bars.update(current[stage], completed=done, total=total)

    with bars:
        yield advance


def _bars(*, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet or not sys.stderr.isatty(),
    )
