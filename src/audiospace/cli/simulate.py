"""`audiospace simulate`: 360-degree clips whose sources are known."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from audiospace.cli.console import output, stage_progress


def simulate_command(
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the clips.")],
    clips: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many clips.")],
    split: Annotated[
        Literal["train", "validation", "test"],
        typer.Option(help="Splits share neither scenes nor recordings."),
    ] = "train",
    seed: Annotated[int, typer.Option(min=0, help="0 is SimSphere itself; others give other clips.")] = 0,
    sounds: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="A folder of recordings, files or folders named by kind; give it again for several. "
            "They join the procedural sounds.",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1.0, max=600.0, help="Length of a clip.")] = 10.0,
    sources: Annotated[int, typer.Option(min=1, max=4, help="The most things that sound in a clip.")] = 4,
    rooms: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of clips in a room.")] = 0.5,
    moving: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of sources that move.")] = 0.5,
    behind: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of clips with all sources behind the camera.")
    ] = 0.2,
    height: Annotated[
        int, typer.Option(min=64, max=2160, help="Rows of the video; twice as many columns.")
    ] = 480,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. Default: as many as there are cores.")
    ] = None,
) -> None:
    """Make 360-degree clips with exact ground truth, for training and for tests.

    Writes ID.mp4 (equirectangular video), ID.wav (AmbiX sound) and ID.json (what sounds, when and from
    where) for each clip, an index (simsphere.json) and a card (README.md). Clip k is the same whatever the
    number of clips. Run the same command again to go on after an interruption, or with more clips.
    """
    from audiospace.evaluation.workers import default_jobs, in_order
    from audiospace.simulate import ClipFormat, Mixture, Recipe, write_dataset

    recipe = Recipe(
        split,
        seed,
        tuple(sounds or ()),
        seconds,
        Mixture(sources=(1, sources), room=rooms, moving=moving, behind=behind),
        ClipFormat(height=2 * (height // 2)),
    )
    made = 0
    with stage_progress() as advance:

        def count(done: int, total: int) -> None:
            nonlocal made
            made = done
            advance("clips", done, total)

        try:
            run = partial(in_order, jobs=min(workers or default_jobs(), clips))
            write_dataset(folder, recipe, clips, on_clip=count, run=run)
        except (KeyboardInterrupt, SystemExit):
            hint = f"{made} of {clips} clips done; run the same command again to go on"
            typer.echo(f"audiospace: {hint}", err=True)
            raise
    output().print(f"{clips} clips in {folder}", markup=False)
