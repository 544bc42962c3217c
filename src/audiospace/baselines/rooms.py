"""The rooms that a placed sound may stand in, and its reflections there, block by block."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import CHANNELS, regroup
from audiospace.baselines.direction_track import Track
from audiospace.errors import UserError
from audiospace.media import Sound
from audiospace.simulate import Room
from audiospace.simulate.room import HALF_TAPS, SPEED_OF_SOUND, reverberate

DISTANCE = 2.0
"""Metres from the listener to the source, less where a wall is near."""
_ORDER = 17
_ABSORPTION = 0.35
_KEY_INTERVAL = 0.5
"""Seconds between the positions from which a moving source's reflections are computed."""
_CHUNK = 10.0
"""Seconds of sound reflected at once, to bound the memory."""


@dataclass(frozen=True)
class _Shape:
    """Width, depth and height in metres, and the share of energy that the walls absorb."""

    width: float
    depth: float
    height: float
    absorption: float


ROOMS: Mapping[str, _Shape] = {
    "small": _Shape(3.5, 4.0, 2.5, 0.45),
    "medium": _Shape(6.0, 8.0, 3.0, 0.35),
    "large": _Shape(15.0, 20.0, 8.0, 0.25),
}
"""Rooms that have a name."""


def room_named(text: str) -> Room:
    """Give the room that a user asks for; the listener is near its middle, ears at 1.5 metres at most.

    Args:
        text: "small", "medium", "large", or width x depth x height in metres, as "5x7x3".

    Returns:
        The room; depth runs to the front, width to the left.

    Raises:
        UserError: It is no such text, or a length is not between 1 and 100 metres.
    """
    shape = ROOMS.get(text) or _parsed(text)
    size = (shape.depth, shape.width, shape.height)
    # Off the middle, or the reflections from opposite walls arrive in pairs and colour the sound.
    listener = (0.47 * shape.depth, 0.53 * shape.width, min(1.5, 0.55 * shape.height))
    return Room(size, listener, shape.absorption, _ORDER)


def _parsed(text: str) -> _Shape:
    try:
        width, depth, height = (float(part) for part in text.lower().split("x"))
    except ValueError:
        width = depth = height = math.nan
    if not all(1.0 <= length <= 100.0 for length in (width, depth, height)):
        raise UserError(
            f"{text!r} is not a room",
            remedy="Write small, medium, large, or metres as WIDTHxDEPTHxHEIGHT: 5x7x3",
        )
    return _Shape(width, depth, height, _ABSORPTION)


def reflected(mono: Sound, track: Track, room: Room) -> Sound:
    """Give the reflections (not the direct sound) of a source in a room.

    Args:
        mono: What it plays, one channel, as loud as it arrives directly.
        track: Where it is seen from the listener; it stands `DISTANCE` away, or nearer than a wall.
        room: The room.

    Returns:
        AmbiX sound, aligned with the direct sound; what rings on after its end is cut.
    """
    return Sound(
        CHANNELS,
        mono.sample_rate,
        mono.samples,
        lambda: (block.astype(np.float32) for block in _reflected_blocks(mono, track, room)),
    )


def _reflected_blocks(mono: Sound, track: Track, room: Room) -> Iterator[NDArray[np.float64]]:
    """Reflect pieces with silence around them and add them where they overlap."""
    rate = mono.sample_rate
    times, positions = _positions(track, room, mono.samples / rate)
    longest = (room.order + 2) * math.hypot(*room.size)
    tail = math.ceil(longest / SPEED_OF_SOUND * rate)
    pending = np.zeros((CHANNELS, HALF_TAPS + tail))
    begin = 0
    for (piece,) in regroup(mono.blocks(), round(_CHUNK * rate)):
        heard = _around(times, begin / rate, (begin + len(piece)) / rate)
        wet = reverberate(
            np.pad(piece.astype(np.float64), (HALF_TAPS, tail)),
            times[heard] - (begin - HALF_TAPS) / rate,
            positions[heard],
            room,
            rate,
        )
        wet[:, : pending.shape[1]] += pending
        # A fractional delay rings before the reflection: the next piece still adds to the last samples.
        skipped = HALF_TAPS if begin == 0 else 0
        yield wet[:, skipped : len(piece)]
        pending = wet[:, len(piece) :]
        begin += len(piece)
    yield pending[:, max(0, HALF_TAPS - begin) : HALF_TAPS]


def _positions(track: Track, room: Room, seconds: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    steps = max(2, round(seconds / _KEY_INTERVAL) + 1) if track.moving else 1
    times = np.linspace(0.0, seconds, steps)
    directions = track.at(times)
    distance = np.minimum(DISTANCE, 0.85 * room.wall_distance(directions))
    return times, directions * distance[:, None]


def _around(times: NDArray[np.float64], begin: float, end: float) -> slice:
    """The key times that matter from one time to another: those between, and one on either side."""
    first = max(0, int(np.searchsorted(times, begin, side="right")) - 1)
    last = min(len(times) - 1, int(np.searchsorted(times, end, side="left")))
    return slice(first, last + 1)
