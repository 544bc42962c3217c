"""The half of `audiospace generate` that makes many videos: what it shows, and how it ends."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from audiospace.cli.console import batch_progress, output, print_json

if TYPE_CHECKING:
    from audiospace.generation import BatchResult, GenerateOptions, Outcome

FAILED = 2
"""Exit status when a clip could not be made."""

WORDS = {"done": "made", "skipped": "already there", "failed": "failed"}


def run_batch(
    videos: Sequence[Path],
    *,
    folder: Path,
    model: str,
    options: "GenerateOptions",
    recursive: bool,
    again: bool,
    ray: str | None,
    workers: int | None,
    as_json: bool,
) -> int:
    """Make the sound of many videos and say how it went.

    Args:
        videos: Videos, folders and lists.
        folder: Where the folders with the results are made.
        model: Name or path of the model.
        options: How the sounds are made.
        recursive: Whether folders are searched to the bottom.
        again: Whether results that are there already are made again.
        ray: Address of a Ray cluster, if it is to be done there.
        workers: Number of Ray workers.
        as_json: Whether a JSON summary is printed instead of text.

    Returns:
        The exit status: 0 if all went well, 2 if a clip failed.
    """
    from audiospace.generation import generate_batch

    ended: list[Outcome] = []
    total = 0
    # Ray tells of workers that died on the standard output, which is for results.
    with batch_progress() as advance, redirect_stdout(sys.stderr):

        def count(stage: str, done: int, number: int) -> None:
            nonlocal total
            total = number if stage == "clips" else total
            advance(stage, done, number)

        try:
            result = generate_batch(
                videos,
                output=folder,
                model=model,
                options=options,
                recursive=recursive,
                again=again,
                ray=ray,
                workers=workers,
                on_progress=count,
                on_outcome=ended.append,
            )
        except (KeyboardInterrupt, SystemExit):
            if total:
                complete = sum(outcome.state != "failed" for outcome in ended)
                hint = f"{complete} of {total} clips done; run the same command again to go on"
                typer.echo(f"audiospace: {hint}", err=True)
            raise
    _report(result, as_json=as_json)
    failed = len(result.having("failed"))
    if failed:
        typer.echo(f"audiospace: {failed} of {len(result.outcomes)} clips failed", err=True)
    return FAILED if failed else 0


def _report(result: "BatchResult", *, as_json: bool) -> None:
    groups = [result.having("done"), result.having("skipped"), result.having("failed")]
    if as_json:
        print_json(_tree(result))
        return
    console = output()
    for outcome in (outcome for group in groups for outcome in group):
        detail = outcome.reason or f"{outcome.name} ({outcome.seconds:.1f} s)"
        console.print(Text(f"{WORDS[outcome.state]:<14} {detail}"))
    counts = ", ".join(f"{len(group)} {WORDS[group[0].state]}" for group in groups if group)
    console.print(Text(f"{len(result.outcomes)} clips: {counts}"))
    console.print(Text(str(result.output)))


def _tree(result: "BatchResult") -> dict[str, object]:
    return {
        "output": str(result.output),
        "done": len(result.having("done")),
        "skipped": len(result.having("skipped")),
        "failed": len(result.having("failed")),
        "clips": [
            {
                "name": outcome.name,
                "video": str(outcome.video),
                "state": outcome.state,
                "seconds": round(outcome.seconds, 3),
                "reason": outcome.reason,
            }
            for outcome in result.outcomes
        ],
    }
