"""`audiospace convert`: from one sound-field convention or loudspeaker layout to another."""

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from audiospace.cli.console import output
from audiospace.errors import UserError


class SourceChoice(StrEnum):
    """What the channels of the input are."""

    AMBIX = "ambix"
    FUMA = "fuma"
    WXYZ = "wxyz"
    N3D = "n3d"
    YOUTUBE6 = "youtube6"


class TargetChoice(StrEnum):
    """What the channels of the output are to be."""

    AMBIX = "ambix"
    FUMA = "fuma"
    WXYZ = "wxyz"
    N3D = "n3d"
    YOUTUBE6 = "youtube6"
    BINAURAL = "binaural"
    STEREO = "stereo"
    SURROUND = "5.1"


def parse_rotation(text: str) -> tuple[float, float, float]:
    """Read YAW, YAW,PITCH or YAW,PITCH,ROLL in degrees.

    Args:
        text: Up to three numbers, separated by commas.

    Returns:
        Yaw, pitch and roll in radians.

    Raises:
        UserError: It is not that.
    """
    try:
        angles = [float(part) for part in text.split(",")]
    except ValueError:
        angles = []
    if not 1 <= len(angles) <= 3 or not all(math.isfinite(angle) for angle in angles):
        raise UserError(
            f"Invalid value for --rotate: {text!r} is not YAW,PITCH,ROLL in degrees",
            remedy="Write for example --rotate 90,0,0",
        )
    yaw, pitch, roll = (math.radians(angle) for angle in (*angles, 0.0, 0.0)[:3])
    return yaw, pitch, roll


def convert_command(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A sound file, or a video with a sound field.")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="A .wav or .flac file.")],
    source_kind: Annotated[
        SourceChoice | None,
        typer.Option("--from", help="What IN holds. Default: ambix for 4 channels, youtube6 for 6."),
    ] = None,
    target_kind: Annotated[
        TargetChoice, typer.Option("--to", help="What OUT shall hold.")
    ] = TargetChoice.AMBIX,
    rotate: Annotated[
        str,
        typer.Option(
            metavar="YAW,PITCH,ROLL",
            help="Turn the sound field by degrees: yaw to the left, pitch up, roll with the left side up.",
        ),
    ] = "0,0,0",
) -> None:
    """Convert a sound field between conventions, or decode it to binaural, stereo or 5.1 sound.

    AmbiX (channels W, Y, Z, X, SN3D) is the convention of YouTube and of this program. For example:
    audiospace convert old.wav new.wav --from fuma --rotate 90,0,0
    """
    rotation = parse_rotation(rotate)
    from audiospace.generation import convert

    done = convert(
        source,
        target,
        source_kind=None if source_kind is None else source_kind.value,
        target_kind=target_kind.value,
        rotation=rotation,
    )
    scaled = (
        f", turned down by {-done.gain_decibels:.1f} dB so as not to clip" if done.gain_decibels < 0 else ""
    )
    output().print(
        f"{done.target}: {done.target_kind}, {done.channels} channels, {done.sample_rate} Hz, "
        f"{done.seconds:.2f} s{scaled}",
        markup=False,
    )
