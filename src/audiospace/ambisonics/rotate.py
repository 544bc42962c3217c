"""Rotations and reflections of a sound field about the listener."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics.convention import FloatArray, X, Y, Z, require_channels
from audiospace.ambisonics.interpolation import rotations_at

Axis = Literal["left-right", "front-back", "up-down"]
"""What changes places in a mirror."""

_NEGATED: dict[Axis, int] = {"left-right": Y, "front-back": X, "up-down": Z}

_ACN_AXES = [1, 2, 0]
"""Index of y, z, x in a vector (x, y, z): the order of the directional channels."""

_BLOCK = 1 << 16
"""Samples handled at once when the rotation differs for every sample, to bound the memory."""


def rotation_matrix(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> NDArray[np.float64]:
    """Build the rotation R that moves a sound from direction v to R v.

    The scene is rolled first, then pitched, then yawed (intrinsic z-y-x, as for aircraft):
    R = Rz(yaw) Ry(-pitch) Rx(roll).

    Args:
        yaw: Radians; positive turns the scene to the left (counter-clockwise seen from above).
        pitch: Radians; positive raises the front.
        roll: Radians; positive lifts the left side.

    Returns:
        Rotation matrix on (x, y, z), shape (3, 3).
    """
    cy, sy = np.cos(yaw), np.sin(yaw)
    cp, sp = np.cos(pitch), np.sin(pitch)
    cr, sr = np.cos(roll), np.sin(roll)
    about_z = np.array([[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]])
    about_y = np.array([[cp, 0.0, -sp], [0.0, 1.0, 0.0], [sp, 0.0, cp]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cr, -sr], [0.0, sr, cr]])
    return np.asarray(about_z @ about_y @ about_x)


def foa_matrix(rotation: FloatArray) -> NDArray[np.float64]:
    """Give the matrix that turns AmbiX sound: W stays, and Y, Z, X turn as the coordinates y, z, x do.

    Args:
        rotation: Rotation or reflection on (x, y, z), shape (..., 3, 3).

    Returns:
        Matrix on (W, Y, Z, X), shape (..., 4, 4).

    Raises:
        ValueError: The matrix is not orthogonal, or its shape is another one.
    """
    matrix = np.asarray(rotation, dtype=np.float64)
    if matrix.shape[-2:] != (3, 3):
        raise ValueError(f"expected a rotation of shape (..., 3, 3), got {matrix.shape}")
    if not np.allclose(matrix @ np.swapaxes(matrix, -1, -2), np.eye(3), atol=1e-5):
        raise ValueError("the matrix is not a rotation: its rows are not orthonormal")
    turned = np.zeros((*matrix.shape[:-2], 4, 4))
    turned[..., 0, 0] = 1.0
    turned[..., 1:, 1:] = matrix[..., _ACN_AXES, :][..., _ACN_AXES]
    return turned


def rotate(sound: FloatArray, rotation: FloatArray) -> FloatArray:
    """Rotate a sound field: a source in direction v is then heard from R v.

    When the listener's head turns by R, the field that reaches the ears is rotated by the inverse, R.T.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).
        rotation: Rotation R on (x, y, z), shape (3, 3).

    Returns:
        AmbiX sound of the same type and shape.

    Raises:
        ValueError: The sound does not have four channels, or `rotation` is not a rotation.
    """
    require_channels(sound)
    return np.asarray(foa_matrix(rotation).astype(sound.dtype) @ sound)


def rotate_over_time(
    sound: FloatArray, times: FloatArray, rotations: FloatArray, sample_rate: float
) -> FloatArray:
    """Rotate a sound field by a rotation that changes with time and is computed anew for every sample.

    Args:
        sound: AmbiX sound, shape (..., 4, samples); sample i sounds at time i / sample_rate.
        times: Increasing times of the key rotations in seconds, shape (k,).
        rotations: Rotations on (x, y, z), shape (k, 3, 3). Between them the rotation proceeds at constant
            speed the shortest way; before the first and after the last it is held.
        sample_rate: Samples per second.

    Returns:
        AmbiX sound of the same type and shape.

    Raises:
        ValueError: The sound does not have four channels, or the key rotations are not usable.
    """
    require_channels(sound)
    turned = np.empty_like(sound)
    samples = sound.shape[-1]
    for start in range(0, samples, _BLOCK):
        block = slice(start, min(start + _BLOCK, samples))
        at = np.arange(block.start, block.stop) / sample_rate
        matrices = foa_matrix(rotations_at(times, rotations, at)).astype(sound.dtype)
        turned[..., block] = np.einsum("nij,...jn->...in", matrices, sound[..., block])
    return turned


def mirror(sound: FloatArray, axis: Axis = "left-right") -> FloatArray:
    """Mirror a sound field.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).
        axis: What changes places: left and right, front and back, or up and down.

    Returns:
        AmbiX sound of the same type and shape.

    Raises:
        ValueError: The sound does not have four channels, or there is no such axis.
    """
    require_channels(sound)
    if axis not in _NEGATED:
        raise ValueError(f"there is no axis {axis!r}; choose from {', '.join(_NEGATED)}")
    mirrored = sound.copy()
    mirrored[..., _NEGATED[axis], :] *= -1
    return mirrored
