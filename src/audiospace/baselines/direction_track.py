"""Where a sound is put over time, and the track that a recorded sound field leaves."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import (
    covariance_of_blocks,
    covariances_of_blocks,
    direction_of,
    directions_at,
    rotation_matrix,
    track_of,
    unit_vector,
    window_times,
)
from audiospace.errors import UserError
from audiospace.media import Sound
from audiospace.metrics import SILENCE

WINDOW = 0.5
"""Seconds of sound from which one direction over time is measured."""
QUIET = 1e-6
"""Energy of a window relative to the loudest one (-60 dB) below which its direction does not count."""

Vectors = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Track:
    """A way over the sphere.

    Attributes:
        times: Times of the key directions in seconds, increasing, shape (k,). One alone: it does not move.
        directions: Unit vectors (x front, y left, z up), shape (k, 3). Between them the way follows the great
            circle; before the first and after the last it stands still.
    """

    times: Vectors
    directions: Vectors

    def __post_init__(self) -> None:
        if len(self.times) == 0 or self.directions.shape != (len(self.times), 3):
            raise ValueError(f"{self.times.shape} times and {self.directions.shape} directions make no track")

    @property
    def moving(self) -> bool:
        """Whether there is more than one key direction."""
        return len(self.times) > 1

    def at(self, times: Vectors) -> Vectors:
        """Unit vectors at some times (n,) in seconds, shape (n, 3)."""
        return directions_at(self.times, self.directions, times)

    def turned(self, yaw: float) -> "Track":
        """The track of the scene turned to the left by `yaw` radians."""
        return Track(self.times, self.directions @ rotation_matrix(yaw).T)

    def beside(self, angle: float) -> "Track":
        """The track that runs `angle` radians to the left of this one, as seen by who looks along it.

        It is turned in the plane of the direction and the horizontal to its left: it is as far away at every
        elevation. Straight up and down, left is that of who looked to the front before.
        """
        x, y, _z = self.directions.T
        flat = np.hypot(x, y)
        vertical = flat < 1e-9
        along = np.where(vertical, 1.0, flat)
        left = np.stack([np.where(vertical, 0.0, -y / along), np.where(vertical, 1.0, x / along), 0.0 * x], 1)
        return Track(self.times, np.cos(angle) * self.directions + np.sin(angle) * left)


def still_track(azimuth: float, elevation: float) -> Track:
    """A track that stays in one place, angles in radians."""
    return Track(np.zeros(1), unit_vector(azimuth, elevation)[None])


def measured_track(sound: Sound, source: Path, *, moving: bool = False) -> Track:
    """Measure where a sound field comes from, by its acoustic intensity.

    Args:
        sound: AmbiX sound; it is read once.
        source: Its file, for messages.
        moving: Whether the direction is measured four times a second in windows of half a second (those 60 dB
            below the loudest are passed over), or once over the whole time, as in the paper's baselines.

    Returns:
        The track.

    Raises:
        UserError: It has no direction: it is silent, or its W has nothing in common with X, Y and Z.
    """
    if not moving:
        found = direction_of(covariance_of_blocks(sound.blocks()))
        _require_direction(found.energy, bool(np.any(found.vector)), source)
        return Track(np.zeros(1), found.vector[None])
    times = window_times(sound.samples, sound.sample_rate, WINDOW / 2)
    track = track_of(times, covariances_of_blocks(sound.blocks(), sound.sample_rate, times, WINDOW))
    loudest = float(track.energy.max(initial=0.0))
    told = (track.energy > QUIET * loudest) & np.any(track.vectors, axis=1)
    _require_direction(loudest, bool(told.any()), source)
    return Track(times[told], track.vectors[told])


def _require_direction(energy: float, pointing: bool, source: Path) -> None:
    if not energy > SILENCE:
        raise UserError(
            "is silent, so no direction can be measured in it",
            file=source,
            remedy="Give a direction with --azimuth and --elevation",
        )
    if not pointing:
        raise UserError(
            "has no direction: its W has nothing in common with its X, Y and Z",
            file=source,
            remedy="Give a direction with --azimuth and --elevation",
        )
