"""Perspective views: what a pinhole camera at the centre of the sphere sees."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from audiospace.ambisonics.harmonics import unit_vector
from audiospace.panorama.equirectangular import pixel_of
from audiospace.panorama.sampling import Interpolation, Pixel, SamplingGrid, sample, shrink


def view_directions(
    azimuth: float, elevation: float, fov: float, height: int, width: int
) -> npt.NDArray[np.float64]:
    """Give the direction of every pixel of a level camera.

    Args:
        azimuth: Where the camera looks, radians, left positive.
        elevation: Where the camera looks, radians, up positive.
        fov: Horizontal opening angle, radians, in (0, pi).
        height: Rows.
        width: Columns.

    Returns:
        Unit vectors (x front, y left, z up), shape (height, width, 3).

    Raises:
        ValueError: If the opening angle cannot be seen by a flat picture.
    """
    if not 0.0 < fov < math.pi:
        raise ValueError(f"fov must lie between 0 and pi radians, got {fov}")
    forward = unit_vector(azimuth, elevation)
    right = unit_vector(azimuth - math.pi / 2.0, 0.0)
    up = np.cross(right, forward)
    half = math.tan(fov / 2.0)
    x = half * (2.0 * (np.arange(width) + 0.5) / width - 1.0)
    y = half * height / width * (1.0 - 2.0 * (np.arange(height) + 0.5) / height)
    rays = forward + x[None, :, None] * right + y[:, None, None] * up
    seen: npt.NDArray[np.float64] = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    return seen


@lru_cache(maxsize=64)
def perspective_grid(
    azimuth: float, elevation: float, fov: float, height: int, width: int, source: tuple[int, int]
) -> SamplingGrid:
    """Give the grid of a perspective view of an equirectangular frame.

    Args:
        azimuth: Where the camera looks, radians, left positive.
        elevation: Where the camera looks, radians, up positive.
        fov: Horizontal opening angle, radians, in (0, pi).
        height: Rows of the view.
        width: Columns of the view.
        source: Rows and columns of the equirectangular frame.

    Returns:
        Positions in the frame, each of shape (height, width).

    Raises:
        ValueError: If the opening angle cannot be seen by a flat picture.
    """
    return pixel_of(view_directions(azimuth, elevation, fov, height, width), *source)


def perspective(
    frames: npt.NDArray[Pixel],
    azimuth: float,
    elevation: float,
    *,
    fov: float,
    height: int,
    width: int,
    interpolation: Interpolation = "linear",
) -> npt.NDArray[Pixel]:
    """Look at equirectangular frames with a level pinhole camera.

    Frames much finer than the view are averaged down first, so that wide views do not shimmer.

    Args:
        frames: Equirectangular frames, shape (H, W, 3) or (T, H, W, 3).
        azimuth: Where the camera looks, radians, left positive.
        elevation: Where the camera looks, radians, up positive.
        fov: Horizontal opening angle, radians, in (0, pi).
        height: Rows of the view.
        width: Columns of the view.
        interpolation: The kernel.

    Returns:
        The view, (height, width, 3) or (T, height, width, 3), of the frames' type.

    Raises:
        ValueError: If the opening angle or the frames' shape is impossible.
    """
    small = shrink(frames, sharp_height(fov, width))
    rows, columns = small.shape[-3:-1]
    grid = perspective_grid(azimuth, elevation, fov, height, width, (rows, columns))
    return sample(small, grid, interpolation)


def sharp_height(fov: float, width: int) -> int:
    """Tell how tall an equirectangular frame must be so that a view of it is sharp: more would only alias.

    Args:
        fov: Horizontal opening angle of the view, radians, in (0, pi).
        width: Columns of the view.

    Returns:
        Rows with 1.25 source pixels for one pixel at the centre of the view.
    """
    pixels_per_radian = width / (2.0 * math.tan(fov / 2.0))
    return math.ceil(1.25 * math.pi * pixels_per_radian)
