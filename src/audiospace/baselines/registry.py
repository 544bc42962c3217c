"""The simple systems by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from audiospace.baselines.aims import ByChance, Measured, Seen, Told
from audiospace.baselines.spatialiser import Spatialiser
from audiospace.errors import UserError
from audiospace.generation import Generator
from audiospace.simulate import Room


@dataclass(frozen=True)
class BaselineOptions:
    """What can be said about a simple system; not everything to each.

    Attributes:
        sound: File that is played; the video's own sound if None.
        reference: File with first-order ambisonics in which the direction is measured.
        direction: Azimuth and elevation in radians.
        moving: Whether the direction is found over time, not once for the whole video.
        seed: Of directions by chance.
        room: Room whose reflections are added.
    """

    sound: Path | None = None
    reference: Path | None = None
    direction: tuple[float, float] | None = None
    moving: bool = False
    seed: int = 0
    room: Room | None = None


@dataclass(frozen=True)
class Baseline:
    """A simple system.

    Attributes:
        summary: What it does, in one line.
        open: Makes it.
        takes: Names of the options that it heeds.
    """

    summary: str
    open: Callable[[BaselineOptions], Generator]
    takes: frozenset[str]


def _spatialisation(options: BaselineOptions) -> Generator:
    if options.direction is not None and options.reference is not None:
        raise UserError("a direction and a reference to measure it in were given", remedy="Give one of them")
    if options.direction is not None and options.moving:
        raise UserError("a direction that is told does not move", remedy="Measure it in a reference instead")
    aim = (
        Measured(options.reference, options.moving) if options.direction is None else Told(*options.direction)
    )
    return Spatialiser("as", aim, options.sound, stereo=True, room=options.room)


_PLAYS = frozenset({"sound", "room"})

BASELINES: Mapping[str, Baseline] = {
    "always-front": Baseline(
        "the sound comes from the front",
        lambda options: Spatialiser("always-front", Told(), options.sound, room=options.room),
        _PLAYS,
    ),
    "random": Baseline(
        "the sound comes from a random direction, the same for a clip in every run",
        lambda options: Spatialiser("random", ByChance(options.seed), options.sound, room=options.room),
        _PLAYS | {"seed"},
    ),
    "motion": Baseline(
        "the sound comes from where the picture moves",
        lambda options: Spatialiser(
            "motion", Seen("motion", options.moving), options.sound, room=options.room
        ),
        _PLAYS | {"moving"},
    ),
    "recogniser": Baseline(
        "the sound comes from what is recognised and makes sound, and from the front",
        lambda options: Spatialiser(
            "recogniser", Seen("recogniser", options.moving), options.sound, room=options.room
        ),
        _PLAYS | {"moving"},
    ),
    "mono": Baseline(
        "the sound has no direction: W alone",
        lambda options: Spatialiser("mono", None, options.sound),
        frozenset({"sound"}),
    ),
    "as": Baseline(
        "the sound comes from a given direction, or that of a recorded sound field; stereo keeps its width",
        _spatialisation,
        _PLAYS | {"reference", "direction", "moving"},
    ),
}
"""The systems that there are; a new one is a line here."""


def open_baseline(name: str, options: BaselineOptions | None = None) -> Generator:
    """Make a simple system ready.

    Args:
        name: One of `BASELINES`.
        options: What is said about it.

    Returns:
        The system.

    Raises:
        UserError: There is none of that name, or it does not heed what was said.
    """
    chosen = options or BaselineOptions()
    baseline = BASELINES.get(name)
    if baseline is None:
        raise UserError(f"there is no baseline {name!r}", remedy=f"Choose one of {', '.join(BASELINES)}")
    if chosen.seed < 0:
        raise UserError(f"the seed must be a whole number of at least 0, not {chosen.seed}")
    usual = BaselineOptions()
    for field in fields(chosen):
        said = getattr(chosen, field.name) != getattr(usual, field.name)
        if said and field.name not in baseline.takes:
            heeding = ", ".join(other for other, known in BASELINES.items() if field.name in known.takes)
            what = {"moving": "moving track"}.get(field.name, field.name)
            raise UserError(f"the baseline {name!r} has no use for a {what}", remedy=f"These have: {heeding}")
    return baseline.open(chosen)
