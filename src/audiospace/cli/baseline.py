"""`audiospace baseline`: the simplest systems, delivered as a model's sound is."""

import math
from pathlib import Path
from typing import Annotated

import typer

from audiospace.cli.console import stage_progress
from audiospace.cli.generate import FormatChoice, OriginalChoice, ProjectionChoice
from audiospace.cli.placing import TrackChoice, direction_said, print_result


def baseline_command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="always-front, random, motion, recogniser, mono or as.")
    ],
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A 360-degree video.")],
    folder: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where the folder with the results is made."),
    ] = Path(),
    sound: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What is played. Default: the video's own sound, of ambisonics W."),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            metavar="FOA",
            help="as: measure the direction in this sound field. Default: in that of the video.",
        ),
    ] = None,
    azimuth: Annotated[
        float | None, typer.Option(help="as: the direction in degrees, left is positive.")
    ] = None,
    elevation: Annotated[
        float | None, typer.Option(help="as: the direction in degrees, up is positive.")
    ] = None,
    track: Annotated[
        TrackChoice,
        typer.Option(help="motion, recogniser, as: one direction for the whole video, or one over time."),
    ] = TrackChoice.CONSTANT,
    room: Annotated[
        str | None,
        typer.Option(
            metavar="ROOM", help="Add reflections: small, medium, large or WIDTHxDEPTHxHEIGHT in metres."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="random: another seed gives other directions.")] = 0,
    projection: Annotated[
        ProjectionChoice, typer.Option(help="How the video shows the sphere; read from the file if auto.")
    ] = ProjectionChoice.AUTO,
    rotate: Annotated[
        float,
        typer.Option(metavar="YAW", help="Turn the scene to the left by so many degrees; see 'generate'."),
    ] = 0.0,
    container: Annotated[
        FormatChoice, typer.Option("--format", help="Container of the spatial video; mov is lossless.")
    ] = FormatChoice.MP4,
    original: Annotated[
        OriginalChoice,
        typer.Option(help="The video's own sound in the spatial video: dropped, mixed in, or head-locked."),
    ] = OriginalChoice.DROP,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON instead of text.")
    ] = False,
) -> None:
    """Make the sound of a video with one of the simplest systems, to compare others with.

    A sound that is there already comes from the front (always-front), a random direction (random), where the
    picture moves (motion), what is recognised and makes sound (recogniser), nowhere (mono), or where it is
    told or measured to come from (as). Writes what 'audiospace generate' writes.
    """
    from audiospace.baselines import BaselineOptions, open_baseline, room_named
    from audiospace.generation import DeliveryOptions, generate_with

    generator = open_baseline(
        name,
        BaselineOptions(
            sound=sound,
            reference=reference,
            direction=direction_said(azimuth, elevation),
            moving=track is TrackChoice.MOVING,
            seed=seed,
            room=None if room is None else room_named(room),
        ),
    )
    options = DeliveryOptions(
        projection=projection.value,
        rotate=math.radians(rotate),
        format=container.value,
        original=original.value,
    )
    with stage_progress() as advance:
        result = generate_with(video, generator, output=folder, options=options, on_progress=advance)
    print_result(result, as_json=as_json)
