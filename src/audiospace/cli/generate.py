"""`audiospace generate`: a 360-degree video in, its spatial sound out."""

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audiospace.cli.batch import run_batch
from audiospace.cli.console import output, print_json, stage_progress

if TYPE_CHECKING:
    from audiospace.generation import GenerateOptions


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


class SolverChoice(StrEnum):
    """How the flow from noise to sound is followed."""

    EULER = "euler"
    MIDPOINT = "midpoint"
    ADAMS_BASHFORTH = "adams-bashforth"


class PrecisionChoice(StrEnum):
    """What the transformer computes in."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"
    INT8 = "int8"


class FeaturesChoice(StrEnum):
    """How pictures reach a large frame encoder."""

    DIRECT = "direct"
    PUBLISHED = "published"


class OriginalChoice(StrEnum):
    """What becomes of the video's own sound."""

    DROP = "drop"
    MIX = "mix"
    HEAD_LOCKED = "head-locked"


def generate_command(
    videos: Annotated[
        list[Path],
        typer.Argument(
            metavar="VIDEO...",
            help="A 360-degree video: equirectangular or equi-angular cubemap. Or several, a folder of them, "
            "a list (.txt, one path a line).",
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where the folders with the results are made."),
    ] = Path(),
    model: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="A name from 'audiospace model list', or a file.")
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
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="The midpoint solver, a quarter of the steps; large models in 8 or 16 bits.",
        ),
    ] = False,
    solver: Annotated[
        SolverChoice | None,
        typer.Option(help="How the flow from noise to sound is followed. Default: euler, as published."),
    ] = None,
    precision: Annotated[
        PrecisionChoice,
        typer.Option(help="What the transformer computes in; auto is float32 on a CPU, half on a GPU."),
    ] = PrecisionChoice.AUTO,
    cfg_interval: Annotated[
        tuple[float, float],
        typer.Option(metavar="LOW HIGH", help="Guide only between these flow times; 1 is noise, 0 sound."),
    ] = (0.0, 1.0),
    cfg_global: Annotated[
        bool,
        typer.Option("--cfg-global", help="Guide by the global condition too; not so as published."),
    ] = False,
    features: Annotated[
        FeaturesChoice | None,
        typer.Option(
            help="Look at pictures as they are, or through JPEG files as the published model had them. "
            "Default: as the model was trained."
        ),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("--recursive", help="Search folders to the bottom for videos.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Make all clips, those too whose same result is there already."),
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Work on a Ray cluster: local (started here), auto (the one this machine belongs to) or "
            "HOST:PORT.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Number of Ray workers. Default: as many as the cluster has room for."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON instead of text.")
    ] = False,
) -> None:
    """Make the spatial sound of 360-degree videos.

    Writes a folder named after the video: NAME.foa.wav (AmbiX, 4 channels), NAME.spatial.mp4 (the picture
    untouched, with the sound, tagged for YouTube and headsets), NAME.binaural.wav (for headphones),
    NAME.energy.mp4 and .png (where the sound is) and NAME.json (how it was made).

    Of several videos, those whose same result is there already are skipped, and one that cannot be made does
    not stop the others; the exit status is then 2.
    """
    from audiospace.generation import GenerateOptions
    from audiospace.generation.batch_videos import is_many

    options = GenerateOptions(
        steps=steps,
        guidance=cfg,
        seed=seed,
        projection=projection.value,
        rotate=math.radians(rotate),
        format=container.value,
        original=original.value,
        device=device,
        fast=fast,
        solver=None if solver is None else solver.value,
        precision=precision.value,
        guidance_interval=cfg_interval,
        guide_global=cfg_global,
        features=None if features is None else features.value,
    )
    if len(videos) == 1 and not is_many(videos[0]) and ray is None and workers is None:
        _generate_one(videos[0], folder, model, options, as_json=as_json)
        return
    status = run_batch(
        videos,
        folder=folder,
        model=model,
        options=options,
        recursive=recursive,
        again=again,
        ray=ray,
        workers=workers,
        as_json=as_json,
    )
    raise typer.Exit(status)


def _generate_one(
    video: Path, folder: Path, model: str, options: "GenerateOptions", *, as_json: bool
) -> None:
    from audiospace.generation import generate

    with stage_progress() as advance:
        result = generate(video, output=folder, model=model, options=options, on_progress=advance)
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
