"""The equirectangular projection (ERP): columns are azimuth, rows are elevation.

Column u in [0, 1) is azimuth pi - 2 pi u, row v in [0, 1) is elevation pi/2 - pi v, and pixel j is centred at
(j + 0.5) / W: the middle of the frame is the front, its left half is the listener's left, its top is up.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from audiospace.ambisonics.harmonics import angles, unit_vector
from audiospace.panorama.sampling import Interpolation, Pixel, SamplingGrid, sample


@lru_cache(maxsize=8)
def directions(height: int, width: int) -> npt.NDArray[np.float64]:
    """Give the direction of every pixel of an equirectangular frame.

    Args:
        height: Rows.
        width: Columns.

    Returns:
        Unit vectors (x front, y left, z up), shape (height, width, 3). Read-only, because it is shared.
    """
    azimuth = np.pi - 2.0 * np.pi * (np.arange(width) + 0.5) / width
    elevation = np.pi / 2.0 - np.pi * (np.arange(height) + 0.5) / height
    vectors = unit_vector(azimuth[None, :], elevation[:, None])
    vectors.setflags(write=False)
    return vectors


def pixel_of(vectors: npt.NDArray[np.float64], height: int, width: int) -> SamplingGrid:
    """Find where directions lie in an equirectangular frame.

    Args:
        vectors: Directions of any length but zero, shape (h, w, 3).
        height: Rows of the frame.
        width: Columns of the frame.

    Returns:
        Positions in pixels, each of shape (h, w): x in [-0.5, width - 0.5], y in [-0.5, height - 0.5].
    """
    azimuth, elevation = angles(vectors)
    map_x = (np.pi - azimuth) / (2.0 * np.pi) * width - 0.5
    map_y = (np.pi / 2.0 - elevation) / np.pi * height - 0.5
    return SamplingGrid(map_x.astype(np.float32), map_y.astype(np.float32))


def area_weights(height: int, width: int) -> npt.NDArray[np.float64]:
    """Give the share of the sphere that each pixel covers, exactly: the integral of the cosine of elevation.

    Args:
        height: Rows.
        width: Columns.

    Returns:
        Non-negative shares that sum to 1, shape (height, width).
    """
    edges = np.sin(np.pi / 2.0 - np.pi * np.arange(height + 1) / height)
    rows = (edges[:-1] - edges[1:]) / (2.0 * width)
    return np.repeat(rows[:, None], width, axis=1)


def rotate(
    frames: npt.NDArray[Pixel], rotation: npt.NDArray[np.float64], interpolation: Interpolation = "linear"
) -> npt.NDArray[Pixel]:
    """Turn the scene: what was seen in direction d is then seen in direction `rotation` @ d.

    The same matrix turns the sound of the scene with `audiospace.ambisonics.rotate`.

    Args:
        frames: Equirectangular frames, shape (H, W, 3) or (T, H, W, 3).
        rotation: A rotation matrix, shape (3, 3).
        interpolation: The kernel.

    Returns:
        The turned frames, of the same shape and type.

    Raises:
        ValueError: If the matrix is not a rotation, or the frames have another shape.
    """
    matrix = np.asarray(rotation, dtype=np.float64)
    proper = matrix.shape == (3, 3) and np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-6)
    if not proper or np.linalg.det(matrix) < 0.0:
        raise ValueError(f"not a rotation matrix: {matrix.tolist()}")
    height, width = frames.shape[-3:-1]
    entries = tuple(float(value) for value in matrix.ravel())
    return sample(frames, _rotation_grid(entries, height, width), interpolation)


@lru_cache(maxsize=4)
def _rotation_grid(entries: tuple[float, ...], height: int, width: int) -> SamplingGrid:
    matrix = np.array(entries).reshape(3, 3)
    sources = directions(height, width) @ matrix  # row vectors: d @ R is R.T applied to d
    return pixel_of(sources, height, width)
