"""`audiospace spatialize`: a sound of one or two channels, put in a direction."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from audiospace.cli.console import output, print_json, stage_progress
from audiospace.cli.generate import FormatChoice, ProjectionChoice
from audiospace.cli.placing import TrackChoice, direction_said, print_result
from audiospace.errors import UserError

if TYPE_CHECKING:
    from audiospace.baselines import Aim, Track
    from audiospace.simulate import Room


class SeenChoice(StrEnum):
    """What is looked for in a video."""

    MOTION = "motion"
    RECOGNISER = "recogniser"


def spatialize_command(
    sound: Annotated[
        Path,
        typer.Argument(
            metavar="SOUND", help="Mono or stereo; a sound file or a video. Of ambisonics W counts."
        ),
    ],
    video: Annotated[
        Path | None, typer.Option(metavar="VIDEO", help="The 360-degree video that the sound belongs to.")
    ] = None,
    azimuth: Annotated[float | None, typer.Option(help="The direction in degrees, left is positive.")] = None,
    elevation: Annotated[float | None, typer.Option(help="The direction in degrees, up is positive.")] = None,
    reference: Annotated[
        Path | None, typer.Option(metavar="FOA", help="Measure the direction in this sound field.")
    ] = None,
    by: Annotated[
        SeenChoice | None,
        typer.Option(
            help="Find the direction in the video: what moves, or what is recognised and makes sound. "
            "Default: recogniser, if no direction and no FOA are given."
        ),
    ] = None,
    track: Annotated[
        TrackChoice, typer.Option(help="One direction for the whole time, or one that moves.")
    ] = TrackChoice.CONSTANT,
    room: Annotated[
        str | None,
        typer.Option(
            metavar="ROOM", help="Add reflections: small, medium, large or WIDTHxDEPTHxHEIGHT in metres."
        ),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="With --video the folder where that of the results is made; else a .wav or .flac file, or a "
            "folder for NAME.foa.wav.",
        ),
    ] = None,
    projection: Annotated[
        ProjectionChoice | None,
        typer.Option(help="How the video shows the sphere. Default: auto, read from the file."),
    ] = None,
    container: Annotated[
        FormatChoice | None,
        typer.Option("--format", help="Container of the spatial video. Default: mp4; mov is lossless."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON instead of text.")
    ] = False,
) -> None:
    """Put a sound in a direction: first-order ambisonics from mono or stereo.

    With --video it writes what 'audiospace generate' writes, a spatial video among it, and can find the
    direction in the picture. Without, it writes NAME.foa.wav, as long and as loud as the sound. For example:
    audiospace spatialize bird.wav --azimuth 90 --elevation 20
    """
    from audiospace.baselines import room_named

    where = _Where(direction_said(azimuth, elevation), reference, by, moving=track is TrackChoice.MOVING)
    around = None if room is None else room_named(room)
    if video is None:
        if projection is not None or container is not None:
            raise UserError("--projection and --format are of a video", remedy="Give it with --video")
        _place(sound, target, where, around, as_json=as_json)
        return
    from audiospace.baselines import Spatialiser
    from audiospace.generation import DeliveryOptions, generate_with

    options = DeliveryOptions(
        projection="auto" if projection is None else projection.value,
        format="mp4" if container is None else container.value,
    )
    generator = Spatialiser("as", where.aim(), sound, stereo=True, room=around)
    with stage_progress() as advance:
        result = generate_with(video, generator, output=target, options=options, on_progress=advance)
    print_result(result, as_json=as_json)


@dataclass(frozen=True)
class _Where:
    """What was said about where the sound is to be."""

    direction: tuple[float, float] | None
    reference: Path | None
    by: SeenChoice | None
    moving: bool

    def __post_init__(self) -> None:
        said = (self.direction, self.reference, self.by)
        if sum(each is not None for each in said) > 1:
            raise UserError(
                "more than one direction was given",
                remedy="Give --azimuth and --elevation, --reference or --by",
            )
        if self.direction is not None and self.moving:
            raise UserError(
                "a direction that is told does not move",
                remedy="Use --track moving with --reference or --video",
            )

    def aim(self) -> "Aim":
        """How the direction is decided for a video."""
        from audiospace.baselines import Measured, Seen, Told

        if self.direction is not None:
            return Told(*self.direction)
        if self.reference is not None:
            return Measured(self.reference, self.moving)
        return Seen("recogniser" if self.by is None else self.by.value, self.moving)

    def track(self) -> "Track":
        """The direction track where there is no video."""
        from audiospace.baselines import field_of, measured_track, still_track

        if self.direction is not None:
            return still_track(*self.direction)
        if self.reference is not None:
            return measured_track(field_of(self.reference), self.reference, moving=self.moving)
        if self.by is not None:
            raise UserError("--by looks for the direction in a video", remedy="Give it with --video")
        raise UserError(
            "no direction was given", remedy="Give --azimuth and --elevation, --reference or --video"
        )


def _place(sound: Path, target: Path | None, where: _Where, room: "Room | None", *, as_json: bool) -> None:
    """Write a sound field without a video, and say where it comes from."""
    from audiospace.baselines import place_file

    placed = place_file(sound, target, where.track(), room)
    if as_json:
        print_json(placed.report())
        return
    turned_down = f", turned down by {-placed.gain_decibels:.1f} dB so as not to clip"
    output().print(
        f"{placed.path}: ambix, 4 channels, {placed.sample_rate} Hz, {placed.seconds:.2f} s, "
        f"{placed.summary()}" + (turned_down if placed.gain_decibels < 0 else ""),
        markup=False,
    )
