"""`audiospace generate`: a 360-degree video in, its spatial sound out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from audiospace.cli.console import output, print_json, stage_progress


class ProjectionChoice(StrEnum):
    """How the video shows the sphere."""

    AUTO = "auto"
    ERP = "erp"
    EAC = "eac"


class FormatChoice(StrEnum):
    """Container of the spatial video."""

    MP4 = "mp4"
    WEBM = "webm"
    MOV = "mov"


class OriginalChoice(StrEnum):
    """What becomes of the video's own sound."""

    DROP = "drop"
    MIX = "mix"
    HEAD_LOCKED = "head-locked"


def generate_command(
    video: Annotated[
        Path,
        typer.Argument(metavar="VIDEO", help="A 360-degree video: equirectangular or equi-angular cubemap."),
    ],
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where the folder with the results is made.")
    ] = Path(),
    model: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="A model that ships with the package, or a model file.")
    ] = "audiospace-mini",
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="Solver steps; more is slower and finer. Default: the model's own."),
    ] = None,
    cfg: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            help="Classifier-free guidance: how closely the picture is followed. Default: the model's own.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Another seed gives another sound; the same one the same.")
    ] = 0,
    projection: Annotated[
        ProjectionChoice, typer.Option(help="How the video shows the sphere; read from the file if auto.")
    ] = ProjectionChoice.AUTO,
    rotate: Annotated[
        float,
        typer.Option(
            metavar="YAW",
            help="Turn the scene to the left by so many degrees before listening to it. "
            "The spatial video keeps its picture, and its sound stays on it.",
        ),
    ] = 0.0,
    container: Annotated[
        FormatChoice, typer.Option("--format", help="Container of the spatial video; mov is lossless.")
    ] = FormatChoice.MP4,
    original: Annotated[
        OriginalChoice,
        typer.Option(
            help="The video's own sound in the spatial video: dropped, mixed in, or kept as stereo that does "
            "not turn with the head (an mp4 then has Opus sound)."
        ),
    ] = OriginalChoice.DROP,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON instead of text.")
    ] = False,
) -> None:
    """Make the spatial sound of a 360-degree video.

    Writes a folder named after the video: NAME.foa.wav (AmbiX, 4 channels), NAME.spatial.mp4 (the picture
    untouched, with the sound, tagged for YouTube and headsets), NAME.binaural.wav (for headphones),
    NAME.energy.mp4 and .png (where the sound is) and NAME.json (how it was made).
    """
    import math

    from audiospace.generation import generate

    with stage_progress() as advance:
        result = generate(
            video,
            output=folder,
            model=model,
            steps=steps,
            guidance=cfg,
            seed=seed,
            projection=projection.value,
            rotate=math.radians(rotate),
            format=container.value,
            original=original.value,
            device=device,
            on_progress=advance,
        )
    if as_json:
        print_json(result.report())
        return
    console = output()
    spent = "  ".join(f"{stage} {seconds:.1f}" for stage, seconds in result.seconds.items())
    console.print(f"{result.name}: {result.duration:.2f} s of sound in {sum(result.seconds.values()):.1f} s")
    console.print(f"  seconds per stage: {spent}")
    console.print(f"  loudest direction: {result.summary()}")
    for path in result.files.all():
        console.print(f"  {path}")
    for note in result.notes:
        console.print(f"  note: {note}", markup=False)
    console.print(str(result.files.folder))
