"""How far apart two sounds point: azimuth, elevation and great-circle error of their time-averaged intensity.

Every figure is in radians. Two directions drawn at random are 1.57 (pi / 2) apart on average in azimuth and
on the great circle, and 0.78 in elevation; 0 is perfect. The direction is that of the whole clip, so a source
that circles the listener has none, and two equal sources on opposite sides cancel.

The channels are read as AmbiX (W, Y, Z, X) and no floor is added to the intensity, so that the figures depend
neither on loudness nor on the order of the channels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import angles, angular_distance, intensity

SILENCE = 1e-12
"""Mean square of a sound below which it is silent: -120 dB relative to full scale."""


class NoDirectionError(ValueError):
    """A sound has no direction: it is silent, not finite, or its intensity is exactly zero."""


@dataclass(frozen=True)
class SpatialErrors:
    """Errors of one sound's direction against another's, in radians, each in [0, pi].

    Attributes:
        azimuth: Difference in azimuth the short way round; means little near the poles.
        elevation: Difference in elevation; small for any system when all sources are on the horizon.
        angle: Great-circle distance, the figure to trust of the three.
    """

    azimuth: float
    elevation: float
    angle: float


def mean_direction(sound: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the direction that the time-averaged acoustic intensity of a sound points to.

    Args:
        sound: AmbiX sound, shape (4, samples).

    Returns:
        Unit vector (x, y, z), shape (3,).

    Raises:
        NoDirectionError: The sound is silent, not finite, or its channels W and (X, Y, Z) are uncorrelated.
    """
    if sound.ndim != 2 or sound.shape[0] != 4 or sound.shape[1] == 0:
        raise ValueError(f"expected a sound of shape (4, samples), got {sound.shape}")
    exact = sound.astype(np.float64)
    if not np.isfinite(exact).all():
        raise NoDirectionError("it holds values that are not finite")
    if np.mean(exact**2) < SILENCE:
        raise NoDirectionError("it is silent")
    vector = intensity(exact)
    length = float(np.linalg.norm(vector))
    if length == 0.0:
        raise NoDirectionError("it has no direction: its intensity is zero")
    return np.asarray(vector / length, dtype=np.float64)


def direction_errors(reference: NDArray[np.floating], other: NDArray[np.floating]) -> SpatialErrors:
    """Compare two directions.

    Args:
        reference: Unit vector (x, y, z), shape (3,).
        other: Unit vector (x, y, z), shape (3,).

    Returns:
        The three errors in radians.
    """
    reference_azimuth, reference_elevation = angles(reference)
    azimuth, elevation = angles(other)
    difference = abs(float(azimuth) - float(reference_azimuth)) % (2 * np.pi)
    return SpatialErrors(
        azimuth=min(difference, 2 * np.pi - difference),
        elevation=abs(float(elevation) - float(reference_elevation)),
        angle=float(angular_distance(reference, other)),
    )


def spatial_errors(reference: NDArray[np.floating], generated: NDArray[np.floating]) -> SpatialErrors:
    """Compare the directions of two sounds; their lengths and sample rates may differ.

    Args:
        reference: Recorded AmbiX sound, shape (4, samples).
        generated: AmbiX sound to judge, shape (4, samples).

    Returns:
        The three errors in radians.

    Raises:
        NoDirectionError: One of them has no direction.
    """
    return direction_errors(mean_direction(reference), mean_direction(generated))
