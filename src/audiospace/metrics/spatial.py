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

from audiospace.ambisonics import angles, angular_distance, covariance, direction_of
from audiospace.metrics.sound_field import SoundField, UndefinedError, is_silent


class NoDirectionError(UndefinedError):
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
    return _direction(covariance(exact))


def field_direction(field: SoundField) -> NDArray[np.float64]:
    """Give the direction that the time-averaged acoustic intensity of a summarised sound points to.

    Args:
        field: The sound.

    Returns:
        Unit vector (x, y, z), shape (3,).

    Raises:
        NoDirectionError: The sound is silent, or its channels W and (X, Y, Z) are uncorrelated, as those of
            mono sound are.
    """
    return _direction(field.whole)


def _direction(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    if is_silent(matrix):
        raise NoDirectionError("it is silent")
    vector = direction_of(matrix).vector
    if not vector.any():
        raise NoDirectionError("it has no direction: its intensity is zero")
    return vector


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


def field_errors(reference: SoundField, generated: SoundField) -> SpatialErrors:
    """Compare the directions of two summarised sounds; their lengths and sample rates may differ.

    Args:
        reference: Recorded sound.
        generated: Sound to judge.

    Returns:
        The three errors in radians, the same as `spatial_errors` gives for the samples.

    Raises:
        NoDirectionError: One of them has no direction.
    """
    return direction_errors(field_direction(reference), field_direction(generated))
