"""Shoebox rooms: image sources, each heard as a plane wave from its own direction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from audiospace.ambisonics import CHANNELS, harmonics_of
from audiospace.errors import MissingExtraError

SPEED_OF_SOUND = 343.0
HALF_TAPS = 16
"""Half the length in samples of the fractional delay's windowed sinc."""

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Room:
    """A rectangular room with the listener in it.

    Attributes:
        size: Length along x, y and z in metres.
        listener: Position of the listener (and camera) from the corner, metres, inside the room.
        absorption: Share of the energy that a wall absorbs, above 0 and at most 1.
        order: Largest number of reflections followed.
    """

    size: Vector
    listener: Vector
    absorption: float
    order: int = 6

    def __post_init__(self) -> None:
        inside = all(0.0 < at < length for at, length in zip(self.listener, self.size, strict=True))
        if not inside or not 0.0 < self.absorption <= 1.0 or self.order < 0:
            raise ValueError(f"not a usable room: {self}")

    def wall_distance(self, directions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres from the listener to the walls along unit vectors, (..., 3) to (...)."""
        size, listener = np.asarray(self.size), np.asarray(self.listener)
        room = np.where(directions > 0, size - listener, listener)
        with np.errstate(divide="ignore"):
            reach: NDArray[np.float64] = np.min(room / np.abs(directions), axis=-1)
        return reach


@dataclass(frozen=True, eq=False)
class Reflections:
    """The images of one source position, without the source itself.

    Attributes:
        directions: Unit vectors from the listener, shape (n, 3).
        gains: Amplitude relative to the direct sound, shape (n,).
        delays: Seconds after the direct sound, shape (n,).
    """

    directions: NDArray[np.float64]
    gains: NDArray[np.float64]
    delays: NDArray[np.float64]


def reflections(room: Room, position: NDArray[np.float64]) -> Reflections:
    """Find the image sources of a position (Allen and Berkley, 1979), through pyroomacoustics.

    Args:
        room: The room.
        position: The source's place relative to the listener in metres, shape (3,); inside the room.

    Returns:
        Everything but the direct sound.

    Raises:
        MissingExtraError: pyroomacoustics is not installed.
        ValueError: The position is outside the room.
    """
    try:
        import pyroomacoustics
    except ImportError as error:
        raise MissingExtraError("simulating rooms", "rooms") from error
    listener = np.asarray(room.listener)
    place = listener + position
    if np.any(place <= 0) or np.any(place >= np.asarray(room.size)):
        raise ValueError(f"source at {place.tolist()} is outside the room {room.size}")
    box = pyroomacoustics.ShoeBox(
        list(room.size), materials=pyroomacoustics.Material(room.absorption), max_order=room.order
    )
    box.add_source(place.tolist())
    box.add_microphone(list(room.listener))
    box.image_source_model()
    source = box.sources[0]
    mirrored = np.asarray(source.orders) > 0
    offsets = np.asarray(source.images, dtype=np.float64).T[mirrored] - listener
    paths = np.linalg.norm(offsets, axis=1)
    direct = float(np.linalg.norm(position))
    kept = np.asarray(source.damping, dtype=np.float64).mean(axis=0)[mirrored]
    return Reflections(offsets / paths[:, None], kept * direct / paths, (paths - direct) / SPEED_OF_SOUND)


def impulse_response(found: Reflections, sample_rate: int) -> NDArray[np.float64]:
    """Lay reflections out in time, each delayed by a fraction of a sample where need be.

    Args:
        found: The reflections.
        sample_rate: Samples a second.

    Returns:
        AmbiX impulse response relative to a direct sound of 1 at sample `HALF_TAPS`, shape (4, n).
    """
    if len(found.gains) == 0:
        return np.zeros((CHANNELS, 2 * HALF_TAPS))
    at = found.delays * sample_rate
    whole = np.floor(at).astype(np.int64)
    offsets = np.arange(-HALF_TAPS + 1, HALF_TAPS + 1)
    distance = offsets[None] - (at - whole)[:, None]
    taps = np.sinc(distance) * np.cos(0.5 * np.pi * distance / (HALF_TAPS + 1)) ** 2
    index = whole[:, None] + offsets[None] + HALF_TAPS
    length = int(index.max()) + 1
    gains = harmonics_of(found.directions) * found.gains[:, None]
    return np.stack(
        [np.bincount(index.ravel(), (taps * gain[:, None]).ravel(), minlength=length) for gain in gains.T]
    )


def reverberate(
    mono: NDArray[np.floating],
    times: NDArray[np.float64],
    positions: NDArray[np.float64],
    room: Room,
    sample_rate: int,
) -> NDArray[np.float64]:
    """Give the reflections (not the direct sound) of a source that may move.

    The sound is cut into overlapping pieces, one around each key position, that sum to the whole; each is
    reflected as from its own position.

    Args:
        mono: What the source plays, as loud as its direct sound arrives, shape (n,).
        times: Times of the key positions in seconds, increasing, shape (k,).
        positions: Relative to the listener in metres, shape (k, 3).
        room: The room.
        sample_rate: Samples a second.

    Returns:
        AmbiX sound, aligned with the direct sound, shape (4, n).

    Raises:
        MissingExtraError: pyroomacoustics is not installed.
        ValueError: A position is outside the room.
    """
    count = len(mono)
    out = np.zeros((CHANNELS, count))
    clock = np.arange(count) / sample_rate
    for number, position in enumerate(positions):
        weight = np.interp(clock, times, np.eye(len(times))[number]) if len(times) > 1 else np.ones(count)
        heard = np.flatnonzero(weight)
        if len(heard) == 0:
            continue
        first, last = int(heard[0]), int(heard[-1]) + 1
        response = impulse_response(reflections(room, position), sample_rate)
        piece = oaconvolve((mono * weight)[None, first:last], response, axes=1)
        begin = first - HALF_TAPS
        left, right = max(begin, 0), min(begin + piece.shape[1], count)
        out[:, left:right] += piece[:, left - begin : right - begin]
    return out
