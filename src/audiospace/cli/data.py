"""`audiospace data`: recordings prepared for training."""

import sys
from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from audiospace.cli.console import output, print_json, stage_progress

if TYPE_CHECKING:
    from audiospace.training.data import Sharded

FAILED = 2
"""Exit status when a shard could not be made."""
NAMED = 20
"""What was left out is named on the screen up to this number, and always in the index."""

data_app = typer.Typer(
    name="data", help="Prepare recordings for training.", no_args_is_help=True, rich_markup_mode="markdown"
)


class VideoProjection(StrEnum):
    """How the sphere is laid out in the pictures."""

    AUTO = "auto"
    ERP = "erp"
    EAC = "eac"


class Short(StrEnum):
    """What becomes of a sound shorter than a window."""

    PAD = "pad"
    REPEAT = "repeat"
    SKIP = "skip"


@data_app.command("shard")
def shard_command(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Clip folders, or folders of sounds; searched to the bottom."),
    ],
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Folder for the shards.")],
    model: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Whose autoencoder and frame encoder prepare the clips.")
    ] = "audiospace-mini",
    video: Annotated[
        bool, typer.Option("--video/--no-video", help="Look at the videos, or prepare the sound alone.")
    ] = True,
    cubemap: Annotated[
        bool, typer.Option("--cubemap", help="Also keep what is seen in a cubemap, for the ablation EAC.")
    ] = False,
    projection: Annotated[
        VideoProjection, typer.Option(help="Of the videos; auto for what a clip's JSON or the file says.")
    ] = VideoProjection.AUTO,
    short: Annotated[
        Short, typer.Option(help="A sound shorter than a window is padded, repeated or skipped.")
    ] = Short.PAD,
    rotations: Annotated[
        int, typer.Option(min=1, help="Orientations of each clip, sound and picture turned together.")
    ] = 1,
    clips_per_shard: Annotated[int, typer.Option(min=1, help="Clips of a shard.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="Of the order of the clips and of the rotations.")] = 0,
    device: Annotated[str, typer.Option(help="Where the model computes: auto, cpu, cuda, ...")] = "auto",
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Work on a Ray cluster: local, auto or its address."),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Number of Ray workers.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Replace the shards that are there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON summary.")] = False,
) -> None:
    """Turn clips into shards that training streams: latents, features and what is known of each window.

    A clip is ID.mp4 or ID.webm with ID.wav or ID.flac and perhaps ID.json; sounds alone will do, and mono and
    stereo are lifted to a sound field. Run the same command again to go on where it stopped.
    """
    from audiospace.training.data import ShardSettings, shard_clips

    settings = ShardSettings(
        video=video,
        cubemap=cubemap,
        projection=projection.value,
        short=short.value,
        rotations=rotations,
        clips_per_shard=clips_per_shard,
        seed=seed,
    )
    done = total = 0
    # Ray tells of workers that died on the standard output, which is for results.
    with stage_progress() as advance, redirect_stdout(sys.stderr):

        def count(stage: str, now: int, number: int) -> None:
            nonlocal done, total
            done, total = (now, number) if stage == "shards" else (done, total)
            advance(stage, now, number)

        try:
            result = shard_clips(
                folders,
                folder,
                model=model,
                settings=settings,
                device=device,
                again=again,
                ray=ray,
                workers=workers,
                on_progress=count,
            )
        except (KeyboardInterrupt, SystemExit):
            if total:
                hint = f"{done} of {total} shards done; run the same command again to go on"
                typer.echo(f"audiospace: {hint}", err=True)
            raise
    _report(result, as_json=as_json)
    if result.failed:
        typer.echo(f"audiospace: {len(result.failed)} shards failed", err=True)
        raise typer.Exit(FAILED)


def _report(result: "Sharded", *, as_json: bool) -> None:
    index = result.index
    if as_json:
        print_json(
            {
                "output": str(result.output),
                "shards": len(index.shards),
                "kept": result.kept,
                "samples": index.samples,
                "left_out": [{"name": item.name, "reason": item.reason} for item in index.left_out],
                "failed": [{"shard": item.name, "reason": item.reason} for item in result.failed],
            }
        )
        return
    console = output()
    for failed in result.failed:
        console.print(Text(f"failed     {failed.reason}"))
    for item in index.left_out[:NAMED]:
        console.print(Text(f"left out   {item.name}: {item.reason}"))
    if len(index.left_out) > NAMED:
        console.print(Text(f"           and {len(index.left_out) - NAMED} more, named in shards.json"))
    console.print(
        Text(
            f"{index.samples} samples in {len(index.shards)} shards ({result.kept} of them kept), "
            f"{len(index.left_out)} left out"
        )
    )
    console.print(Text(str(result.output)))
