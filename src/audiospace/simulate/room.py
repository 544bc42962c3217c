"""Shoebox rooms: image sources, each heard as a plane wave from its own direction."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from audiospace.ambisonics import CHANNELS, harmonics_of

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
    """Find the image sources of a position.

    The method is that of Allen and Berkley, "Image method for efficiently simulating small-room acoustics",
    JASA 65(4), 1979, with walls that reflect all frequencies alike.

    Args:
        room: The room.
        position: The source's place relative to the listener in metres, shape (3,); inside the room.

    Returns:
        Everything but the direct sound.

    Raises:
        ValueError: The position is outside the room.
    """
    listener, size = np.asarray(room.listener), np.asarray(room.size)
    place = listener + position
    if np.any(place <= 0) or np.any(place >= size):
        raise ValueError(f"source at {place.tolist()} is outside the room {room.size}")
    along, bounces = _lattice(room.order)
    # Along one axis, image k lies k rooms away, mirrored where k is odd, after |k| reflections.
    images = np.where(along % 2 == 0, along * size + place, (along + 1) * size - place)
    offsets = images - listener
    paths = np.linalg.norm(offsets, axis=1)
    direct = float(np.linalg.norm(position))
    kept = (1.0 - room.absorption) ** (0.5 * bounces)
    return Reflections(offsets / paths[:, None], kept * direct / paths, (paths - direct) / SPEED_OF_SOUND)


@lru_cache(maxsize=8)
def _lattice(order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of images along x, y and z, (n, 3), and the reflections of each, 1 to `order`, (n,)."""
    axis = np.arange(-order, order + 1)
    along = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    bounces = np.abs(along).sum(axis=1)
    used = (bounces > 0) & (bounces <= order)
    chosen = along[used], bounces[used]
    for numbers in chosen:
        numbers.setflags(write=False)
    return chosen


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
        ValueError: A position is outside the room.
    """
    count = len(mono)
    out = np.zeros((CHANNELS, count))
    for number, position in enumerate(positions):
        first, weight = _share(times, number, count, sample_rate)
        if len(weight) == 0:
            continue
        response = impulse_response(reflections(room, position), sample_rate)
        heard = mono[first : first + len(weight)] * weight
        piece = oaconvolve(heard[None], response, axes=1)
        begin = first - HALF_TAPS
        left, right = max(begin, 0), min(begin + piece.shape[1], count)
        out[:, left:right] += piece[:, left - begin : right - begin]
    return out


def _share(
    times: NDArray[np.float64], number: int, count: int, sample_rate: int
) -> tuple[int, NDArray[np.float64]]:
    """The first sample that a key position has a share in, and its share of that one and those after it.

    The shares of neighbours cross over linearly; before the first and after the last there is only one.
    """
    near = slice(max(0, number - 1), number + 2)
    first = 0 if number == 0 else max(0, math.ceil(times[number - 1] * sample_rate))
    last = count if number == len(times) - 1 else min(count, math.ceil(times[number + 1] * sample_rate))
    clock = np.arange(first, last) / sample_rate
    return first, np.interp(clock, times[near], (np.arange(len(times))[near] == number).astype(np.float64))
