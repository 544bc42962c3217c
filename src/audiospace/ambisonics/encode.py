"""Sounds with one or two channels made into sound fields."""

import numpy as np
from numpy.typing import ArrayLike

from audiospace.ambisonics.convention import CHANNELS, FloatArray, W, Y, require_channels
from audiospace.ambisonics.harmonics import first_order, harmonics_of
from audiospace.ambisonics.interpolation import directions_at

_BLOCK = 1 << 16
"""Samples handled at once when the gains differ for every sample, to bound the memory."""


def encode(mono: FloatArray, azimuth: ArrayLike, elevation: ArrayLike) -> FloatArray:
    """Encode a sound as a plane wave from one fixed direction.

    Args:
        mono: Sound, shape (..., samples).
        azimuth: Radians, left is positive: one number, or a shape that broadcasts to that of mono[..., 0].
        elevation: Radians, up is positive: as for `azimuth`.

    Returns:
        AmbiX sound of the same type, shape (..., 4, samples).
    """
    gains = first_order(azimuth, elevation).astype(mono.dtype)
    return np.asarray(gains[..., :, None] * mono[..., None, :])


def encode_moving(
    mono: FloatArray, times: FloatArray, directions: FloatArray, sample_rate: float
) -> FloatArray:
    """Encode a sound whose direction moves, with the direction computed anew for every sample.

    There is no step between blocks and so no zipper noise. There is no Doppler shift either: the distance is
    constant.

    Args:
        mono: Sound, shape (samples,); sample i sounds at time i / sample_rate.
        times: Increasing times of the key directions in seconds, shape (k,).
        directions: Vectors (x, y, z) of any length but zero, shape (k, 3). Between them the source moves
            along the great circle at constant speed; before the first and after the last it stands still.
        sample_rate: Samples per second.

    Returns:
        AmbiX sound of the same type, shape (4, samples).

    Raises:
        ValueError: `mono` has more than one dimension, or the key directions are not usable.
    """
    if mono.ndim != 1:
        raise ValueError(f"expected sound of shape (samples,), got {mono.shape}")
    field = np.empty((CHANNELS, len(mono)), dtype=mono.dtype)
    for start in range(0, len(mono), _BLOCK):
        block = slice(start, min(start + _BLOCK, len(mono)))
        at = np.arange(block.start, block.stop) / sample_rate
        field[:, block] = harmonics_of(directions_at(times, directions, at)).T * mono[block]
    return field


def from_mono(mono: FloatArray) -> FloatArray:
    """Lift a sound without direction into a pseudo sound field: W is the sound, the other channels are empty.

    Args:
        mono: Sound, shape (..., samples).

    Returns:
        AmbiX sound of the same type, shape (..., 4, samples).
    """
    field = np.zeros((*mono.shape[:-1], CHANNELS, mono.shape[-1]), dtype=mono.dtype)
    field[..., W, :] = mono
    return field


def from_stereo(stereo: FloatArray) -> FloatArray:
    """Lift stereo into a pseudo sound field: W = (L + R) / 2, Y = (L - R) / 2, the other channels are empty.

    A sound in the left channel only becomes a plane wave from the left, at half its amplitude; equal channels
    give what `from_mono` gives. No channel exceeds the peak of the input.

    Args:
        stereo: Left and right, shape (..., 2, samples).

    Returns:
        AmbiX sound of the same type, shape (..., 4, samples).

    Raises:
        ValueError: The sound does not have two channels.
    """
    require_channels(stereo, 2)
    left, right = stereo[..., 0, :], stereo[..., 1, :]
    field = from_mono((left + right) / 2)
    field[..., Y, :] = (left - right) / 2
    return field
