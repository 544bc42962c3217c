"""Directions as angles and as unit vectors, and the first-order spherical harmonics of a direction.

Axes: x to the front, y to the left, z up. Azimuth is counter-clockwise from the front (left is positive),
elevation is positive upwards; both in radians.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from audiospace.ambisonics.convention import FloatArray


def unit_vector(azimuth: ArrayLike, elevation: ArrayLike) -> NDArray[np.float64]:
    """Give the unit vector of a direction.

    Args:
        azimuth: Radians, any shape.
        elevation: Radians, a shape that broadcasts with that of `azimuth`.

    Returns:
        Unit vectors (x, y, z), shape (..., 3).
    """
    a, e = np.broadcast_arrays(np.asarray(azimuth, dtype=np.float64), np.asarray(elevation, dtype=np.float64))
    return np.stack([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)], axis=-1)


def angles(vector: FloatArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the azimuth and the elevation that a vector points to.

    Args:
        vector: Vectors (x, y, z) of any length, shape (..., 3). A zero vector gives (0, 0).

    Returns:
        Azimuth in [-pi, pi] and elevation in [-pi / 2, pi / 2], radians, each of shape (...).
    """
    x, y, z = np.moveaxis(np.asarray(vector, dtype=np.float64), -1, 0)
    return np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))


def first_order(azimuth: ArrayLike, elevation: ArrayLike) -> NDArray[np.float64]:
    """Give the AmbiX gains of a plane wave: 1, sin(a)cos(e), sin(e), cos(a)cos(e).

    Args:
        azimuth: Radians, any shape.
        elevation: Radians, a shape that broadcasts with that of `azimuth`.

    Returns:
        Gains W, Y, Z, X, shape (..., 4).
    """
    return harmonics_of(unit_vector(azimuth, elevation))


def harmonics_of(vector: FloatArray) -> NDArray[np.float64]:
    """Give the AmbiX gains of a plane wave from a direction given as a unit vector.

    Args:
        vector: Unit vectors (x, y, z), shape (..., 3).

    Returns:
        Gains W, Y, Z, X, shape (..., 4).
    """
    x, y, z = np.moveaxis(np.asarray(vector, dtype=np.float64), -1, 0)
    return np.stack([np.ones_like(x), y, z, x], axis=-1)


def angular_distance(u: FloatArray, v: FloatArray) -> NDArray[np.float64]:
    """Give the great-circle distance between directions, accurate for nearly equal and nearly opposite ones.

    The angle is atan2(|u x v|, u . v), which depends on neither length.

    Args:
        u: Vectors (x, y, z), shape (..., 3).
        v: Vectors (x, y, z), a shape that broadcasts with that of `u`.

    Returns:
        Radians in [0, pi], shape (...).
    """
    a, b = np.asarray(u, dtype=np.float64), np.asarray(v, dtype=np.float64)
    return np.asarray(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), np.sum(a * b, axis=-1)))
