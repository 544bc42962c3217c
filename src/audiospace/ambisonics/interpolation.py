"""Directions and rotations between key points in time, at constant angular speed along the shortest way."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from audiospace.ambisonics.convention import FloatArray

_NEARLY_PARALLEL = 1e-6
"""Sine of an angle below which two directions have no well-conditioned plane."""


def _require_times(times: FloatArray, points: int) -> None:
    if times.ndim != 1 or len(times) == 0 or len(times) != points:
        raise ValueError(f"expected one time per key point and at least one, got {times.shape} and {points}")
    if np.any(np.diff(times) <= 0):
        raise ValueError("the times of the key points must increase")


def _perpendicular(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors, perpendicular to `start`, that lie on the way to `end`; (k, 3) from two (k, 3).

    Opposite directions have no shortest way: the horizontal one to the left is taken, or, from a pole, the
    one through the front.
    """
    across = end - start * np.sum(start * end, axis=-1, keepdims=True)
    length = np.linalg.norm(across, axis=-1)
    for k in np.flatnonzero(length < _NEARLY_PARALLEL):
        horizontal = np.array([-start[k, 1], start[k, 0], 0.0])
        if np.linalg.norm(horizontal) < _NEARLY_PARALLEL:
            horizontal = np.array([1.0, 0.0, 0.0]) - start[k] * start[k, 0]
        across[k], length[k] = horizontal, np.linalg.norm(horizontal)
    return np.asarray(across / length[:, None])


def directions_at(times: FloatArray, directions: FloatArray, at: FloatArray) -> NDArray[np.float64]:
    """Interpolate directions by slerp (Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985).

    Args:
        times: Increasing times of the key points in seconds, shape (k,).
        directions: Vectors (x, y, z) of any length but zero, shape (k, 3).
        at: Times to interpolate at in seconds, shape (n,); before the first and after the last key point the
            direction is held.

    Returns:
        Unit vectors, shape (n, 3).

    Raises:
        ValueError: The times do not increase, are not one per direction, or a direction is zero.
    """
    _require_times(times, len(directions))
    keys = np.asarray(directions, dtype=np.float64)
    lengths = np.linalg.norm(keys, axis=-1, keepdims=True)
    if keys.shape[1:] != (3,) or np.any(lengths == 0):
        raise ValueError(f"expected non-zero directions of shape (k, 3), got {keys.shape}")
    keys = keys / lengths
    if len(keys) == 1:
        return np.repeat(keys, len(at), axis=0)
    start, end = keys[:-1], keys[1:]
    across = _perpendicular(start, end)
    sweep = np.arctan2(np.linalg.norm(np.cross(start, end), axis=-1), np.sum(start * end, axis=-1))
    segment = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(start) - 1)
    fraction = np.clip((at - times[segment]) / np.diff(times)[segment], 0.0, 1.0)
    angle = (fraction * sweep[segment])[:, None]
    return np.asarray(start[segment] * np.cos(angle) + across[segment] * np.sin(angle))


def rotations_at(times: FloatArray, rotations: FloatArray, at: FloatArray) -> NDArray[np.float64]:
    """Interpolate rotations by slerp of their quaternions.

    Args:
        times: Increasing times of the key points in seconds, shape (k,).
        rotations: Rotation matrices, shape (k, 3, 3).
        at: Times to interpolate at in seconds, shape (n,); before the first and after the last key point the
            rotation is held.

    Returns:
        Rotation matrices, shape (n, 3, 3).

    Raises:
        ValueError: The times do not increase, or the numbers of times and rotations differ.
    """
    _require_times(times, len(rotations))
    if len(rotations) == 1:
        return np.repeat(np.asarray(rotations, dtype=np.float64), len(at), axis=0)
    slerp = Slerp(times, Rotation.from_matrix(rotations))
    return np.asarray(slerp(np.clip(at, times[0], times[-1])).as_matrix(), dtype=np.float64)
