"""Where a source is, over time: directions on the sphere and distances."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import angles, directions_at, unit_vector

KEY_INTERVAL = 0.25
"""Seconds between the key points of a moving source; between them it follows a great circle."""

REAR = np.radians(80.0)
"""Largest angle between the back and the azimuth of what stays behind: out of the front view at any size."""

Vectors = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A path around the listener.

    Attributes:
        times: Times of the key points in seconds, increasing, shape (k,). One key point: a still source.
        directions: Unit vectors (x front, y left, z up), shape (k, 3).
        distances: Metres from the listener, shape (k,).
    """

    times: Vectors
    directions: Vectors
    distances: Vectors

    def __post_init__(self) -> None:
        count = len(self.times)
        if self.directions.shape != (count, 3) or self.distances.shape != (count,) or count == 0:
            raise ValueError(
                f"times {self.times.shape}, directions {self.directions.shape} and distances "
                f"{self.distances.shape} do not belong together"
            )

    @property
    def moving(self) -> bool:
        """Whether there is more than one key point."""
        return len(self.times) > 1

    def direction(self, at: Vectors) -> Vectors:
        """Unit vectors at the times `at` (n,) in seconds, shape (n, 3)."""
        return directions_at(self.times, self.directions, at)

    def distance(self, at: Vectors) -> Vectors:
        """Metres from the listener at the times `at` (n,) in seconds, shape (n,)."""
        return np.interp(at, self.times, self.distances)


def still(azimuth: float, elevation: float, distance: float) -> Trajectory:
    """A source that stays: angles in radians, distance in metres."""
    return Trajectory(np.zeros(1), unit_vector(azimuth, elevation)[None], np.array([distance]))


def orbit(azimuth: float, elevation: float, distance: float, *, turn: float, seconds: float) -> Trajectory:
    """Go around the listener at constant height.

    Args:
        azimuth: Start in radians.
        elevation: Radians.
        distance: Metres.
        turn: Radians turned over the whole time, to the left if positive.
        seconds: The whole time.

    Returns:
        The path.
    """
    times = _key_times(seconds)
    around = azimuth + turn * times / seconds
    return Trajectory(
        times, unit_vector(around, np.full_like(times, elevation)), np.full_like(times, distance)
    )


def pass_by(
    azimuth: float, elevation: float, distance: float, *, half_way: float, seconds: float
) -> Trajectory:
    """Pass the listener in a straight horizontal line, nearest in the middle of the time.

    Args:
        azimuth: Of the nearest point, radians.
        elevation: Of the nearest point, radians.
        distance: To the nearest point, metres.
        half_way: Metres travelled from the start to the nearest point; negative passes from left to right.
        seconds: The whole time.

    Returns:
        The path.
    """
    times = _key_times(seconds)
    along = np.linspace(-half_way, half_way, len(times))[:, None]
    leftward = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    positions = distance * unit_vector(azimuth, elevation) + along * leftward
    lengths = np.linalg.norm(positions, axis=1)
    return Trajectory(times, positions / lengths[:, None], lengths)


def wander(
    azimuth: float,
    elevation: float,
    distance: float,
    *,
    speed: float,
    seconds: float,
    rng: np.random.Generator,
) -> Trajectory:
    """Drift smoothly without aim, more sideways than up and down.

    Args:
        azimuth: Start in radians.
        elevation: Start in radians.
        distance: Metres.
        speed: Typical angular speed in radians a second.
        seconds: The whole time.
        rng: Source of randomness.

    Returns:
        The path.
    """
    times = _key_times(seconds)
    phases, rates = rng.uniform(0, 2 * np.pi, 3), rng.uniform(0.3, 0.9, 3)
    waves = np.sin(phases[:, None] + rates[:, None] * times) - np.sin(phases)[:, None]
    sideways = azimuth + speed / rates[0] * waves[0]
    upwards = np.clip(elevation + 0.3 * speed / rates[1] * waves[1], -1.4, 1.4)
    farther = distance * (1 + 0.15 * waves[2])
    return Trajectory(times, unit_vector(sideways, upwards), farther)


def _key_times(seconds: float) -> Vectors:
    return np.linspace(0.0, seconds, max(2, round(seconds / KEY_INTERVAL) + 1))


def limited(path: Trajectory, farthest: Vectors) -> Trajectory:
    """Shorten distances so that a path stays inside something.

    Args:
        path: The path.
        farthest: Largest distance allowed at each key point, metres, shape (k,).

    Returns:
        The same directions, no farther than allowed.
    """
    return Trajectory(path.times, path.directions, np.minimum(path.distances, farthest))


def behind(path: Trajectory) -> Trajectory:
    """Fold a path about the sides so that it stays behind the listener; what was behind stays as it was.

    Args:
        path: The path.

    Returns:
        A path at the same heights and distances, as continuous as the first, on the same side at each time.
    """
    azimuth, elevation = angles(path.directions)
    return Trajectory(path.times, unit_vector(rearward(azimuth), elevation), path.distances)


def rearward(azimuth: Vectors) -> Vectors:
    """Fold azimuths in [-pi, pi] to within `REAR` of the back; the front becomes the back; any shape."""
    off = np.pi - np.abs(azimuth)
    kept = np.where(off <= REAR, off, REAR * (np.pi - off) / (np.pi - REAR))
    return np.asarray(np.where(azimuth < 0, -1.0, 1.0) * (np.pi - kept))
