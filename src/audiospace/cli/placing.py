"""What the commands that place a sound share: how a direction is said, and what is printed."""

import math
from enum import StrEnum
from typing import TYPE_CHECKING

from audiospace.cli.console import output, print_json
from audiospace.errors import UserError

if TYPE_CHECKING:
    from audiospace.generation import Result


class TrackChoice(StrEnum):
    """Whether a direction is found once, or over time."""

    CONSTANT = "constant"
    MOVING = "moving"


def direction_said(azimuth: float | None, elevation: float | None) -> tuple[float, float] | None:
    """Read a direction; of two angles the one that is not said is 0.

    Args:
        azimuth: Degrees, left is positive, if it is said.
        elevation: Degrees, up is positive, if it is said.

    Returns:
        Azimuth and elevation in radians; None if neither is said.

    Raises:
        UserError: The azimuth is not finite, or the elevation not between -90 and 90.
    """
    if azimuth is None and elevation is None:
        return None
    to_left, up = azimuth or 0.0, elevation or 0.0
    if not math.isfinite(to_left):
        raise UserError(f"the azimuth must be a finite angle in degrees, not {to_left}")
    if not -90 <= up <= 90:
        raise UserError(f"the elevation must be between -90 and 90 degrees, not {up}")
    return math.radians(to_left), math.radians(up)


def print_result(result: "Result", *, as_json: bool) -> None:
    """Say what was written and where the sound comes from.

    Args:
        result: What was made.
        as_json: Whether the report is printed as JSON instead.
    """
    if as_json:
        print_json(result.report())
        return
    console = output()
    console.print(f"{result.name}: {result.duration:.2f} s of sound by {result.model.name}", markup=False)
    console.print(f"  direction: {result.summary()}")
    for path in result.files.all():
        console.print(f"  {path}", markup=False)
    for note in result.notes:
        console.print(f"  note: {note}", markup=False)
    console.print(str(result.files.folder), markup=False)
