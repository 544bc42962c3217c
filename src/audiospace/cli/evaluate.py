"""`audiospace evaluate`: generated sounds against recorded ones."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from audiospace.cli.console import output, stage_progress
from audiospace.cli.systems import parse_systems


class GroupChoice(StrEnum):
    """A group of figures."""

    SPATIAL = "spatial"
    PUBLISHED = "published"
    SEMANTIC = "semantic"
    VISUAL = "visual"


def evaluate_command(
    reference: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of recorded sounds, or of videos with them.")
    ],
    generated: Annotated[
        list[str],
        typer.Option(metavar="[NAME=]DIR", help="Folder of generated sounds; may be given several times."),
    ],
    metrics: Annotated[
        list[GroupChoice] | None,
        typer.Option(
            help="Groups of figures; may be given several times. Default: all. 'published' are the formulas "
            "of published scripts; 'visual' needs videos in the reference folder."
        ),
    ] = None,
    embedder: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What hears the sounds, for the group 'semantic': judge (ships with AudioSpace), openl3, "
            "passt, clap; may be given several times. Default: judge.",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Evaluate only these clips: Sphere360-Bench, YT360-Test, or a list of names.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write tables (Markdown, LaTeX, CSV, JSON) and plots to this folder."
        ),
    ] = None,
    plots: Annotated[bool, typer.Option(help="Draw plots for the report.")] = True,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every figure here.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that measure. Default: one for each core.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the intervals, tests and random directions.")] = 0,
) -> None:
    """Measure generated sounds against recorded ones.

    Files are matched by name: ID.wav, ID.flac, ID.ogg, a video that carries its sound, or ID/ID.foa.wav.
    Every figure comes with n and a 95 % interval, and beside the systems stand the trivial ones: always
    front, random and more. What was measured is kept, so that a stopped evaluation goes on where it was.
    """
    from audiospace.cli.evaluation_tables import print_evaluation
    from audiospace.evaluation import (
        GROUPS,
        check_report,
        default_jobs,
        evaluate,
        load_split,
        write_json,
        write_report,
    )
    from audiospace.media.atomic import check_writable

    systems = parse_systems(generated)
    if report is not None:
        check_report(report, plots=plots)
    if json_file is not None:
        check_writable(json_file)
    with stage_progress() as advance:
        evaluation = evaluate(
            reference,
            systems,
            groups=[choice.value for choice in metrics] if metrics else GROUPS,
            embedders=embedder or ("judge",),
            split=None if split is None else load_split(split),
            seed=seed,
            jobs=jobs or default_jobs(),
            on_progress=lambda done, total: advance("clips", done, total),
        )
    if json_file is not None:
        write_json(json_file, evaluation)
    if report is not None:
        write_report(report, evaluation, plots=plots)
    console = output()
    print_evaluation(console, evaluation)
    if report is not None:
        console.print(str(report), markup=False)
