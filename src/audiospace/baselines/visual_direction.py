"""Where the picture says that the sound is: first-order moments of what moves and of what is recognised.

Both project a quantity m_i, seen in tile i with direction u_i and share w_i of the sphere, onto the dipoles
of the sound field: sum N w_i m_i u_i over the N tiles. Evenly spread it is 0.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from audiospace.vision.glance import Glance

FRONT = (1.0, 0.0, 0.0)
"""Where the camera looks, and where a direction is that the picture does not tell."""
FRONT_SHARE = 0.3
"""As much of the front is added to what is recognised: people point a camera at what sounds. It weighs as
much as that probability in one tile of one look."""
SMOOTHING = 1.0
"""Seconds of motion that one direction over time is made of."""
_EVEN = 0.01
"""Length of a moment, relative to the whole, below which what moves is all around."""

Vectors = NDArray[np.float64]


def motion_direction(glance: Glance) -> Vectors:
    """Give the direction of the motion in a whole video.

    Args:
        glance: What was seen.

    Returns:
        Unit vector (x, y, z), shape (3,); the front where nothing moves, or all does.
    """
    motion = glance.motion.mean(axis=0, dtype=np.float64)[None]
    moment, told = _motion_moments(motion, glance)
    return _unit_or_front(moment if told.all() else 0.0 * moment).ravel()


def motion_directions(glance: Glance) -> Vectors:
    """Give the direction of the motion over time, each from the second around it.

    Args:
        glance: What was seen.

    Returns:
        Unit vectors (x, y, z) at `glance.times`, shape (T, 3). While nothing moves, or all does, the last one
        holds; before there was any it is the first one, and the front if there is none.
    """
    times = glance.times
    step = float(np.median(np.diff(times))) if len(times) > 1 else SMOOTHING
    rows = max(1, round(SMOOTHING / step))
    smooth = uniform_filter1d(np.asarray(glance.motion, dtype=np.float64), rows, axis=0, mode="nearest")
    moments, told = _motion_moments(smooth, glance)
    if not told.any():
        return np.tile(FRONT, (len(times), 1))
    latest = np.maximum.accumulate(np.where(told, np.arange(len(times)), -1))
    return _unit_or_front(moments[np.where(latest < 0, int(np.argmax(told)), latest)])


def recogniser_direction(glance: Glance) -> Vectors:
    """Give the direction of what is recognised and makes sound, in a whole video.

    The probability of all sounding categories is summed over tiles and looks as a first-order moment, and
    `FRONT_SHARE` of the front is added.

    Args:
        glance: What was seen.

    Returns:
        Unit vector (x, y, z), shape (3,); the front where nothing that sounds is recognised.
    """
    return _unit_or_front(_recogniser_moments(glance).sum(axis=0, keepdims=True)).ravel()


def recogniser_directions(glance: Glance) -> Vectors:
    """Give the direction of what is recognised and makes sound, look by look.

    Each look has its part of `FRONT_SHARE`: their vectors add up to that of the whole video.

    Args:
        glance: What was seen.

    Returns:
        Unit vectors (x, y, z) at `glance.looks`, shape (K, 3); the front where nothing that sounds is seen.
    """
    return _unit_or_front(_recogniser_moments(glance))


def _recogniser_moments(glance: Glance) -> Vectors:
    """Moments (K, 3) of what is recognised in each look, with its part of the front."""
    mass = glance.categories.sum(axis=2, dtype=np.float64)
    return _moments(mass, glance) + FRONT_SHARE / len(mass) * np.asarray(FRONT)


def _motion_moments(motion: Vectors, glance: Glance) -> tuple[Vectors, NDArray[np.bool_]]:
    """Moments (n, 3) of the motion in the tiles (n, N), and whether each tells of a direction."""
    moments = _moments(motion, glance)
    whole = len(glance.weights) * (motion @ glance.weights)
    told = np.linalg.norm(moments, axis=1) > _EVEN * whole
    return moments, told


def _moments(seen: Vectors, glance: Glance) -> Vectors:
    """First-order moments (n, 3) of what is seen in the tiles (n, N)."""
    moments: Vectors = len(glance.weights) * (seen * glance.weights) @ glance.directions
    return moments


def _unit_or_front(vectors: Vectors) -> Vectors:
    """Bring vectors (n, 3) to length 1; the front takes the place of those of no length."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(vectors, length, out=np.tile(FRONT, (len(vectors), 1)), where=length > 1e-9)
    return unit
