"""A small set of perspective views, all of one size, that together see the whole sphere."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from audiospace.ambisonics.harmonics import unit_vector
from audiospace.panorama.equirectangular import area_weights, directions, pixel_of
from audiospace.panorama.perspective import sharp_height, view_directions
from audiospace.panorama.sampling import SamplingGrid, sample, shrink


@dataclass(frozen=True)
class Tiling:
    """Square views that cover the sphere.

    Attributes:
        azimuths: Where each tile looks, radians, left positive, N values.
        elevations: Where each tile looks, radians, up positive, N values.
        fov: Opening angle of every tile, radians.
        size: Rows and columns of every tile, pixels.
    """

    azimuths: tuple[float, ...]
    elevations: tuple[float, ...]
    fov: float
    size: int

    @property
    def count(self) -> int:
        """Number of tiles, N."""
        return len(self.azimuths)

    @property
    def directions(self) -> npt.NDArray[np.float64]:
        """Unit vectors (x front, y left, z up) of the tiles' centres, shape (N, 3)."""
        return unit_vector(self.azimuths, self.elevations)

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Share of the sphere nearest to each tile, shape (N,), sum 1. Read-only, because it is shared."""
        return _nearest_area(self)


@lru_cache(maxsize=16)
def sphere_tiling(count: int = 24, fov: float = math.radians(60.0), size: int = 224) -> Tiling:
    """Lay tiles in three rings: half of them around the horizon, a quarter each up and down to the poles.

    With the default, tiles stand 30 degrees apart along the horizon, where most of what sounds is, so that
    anything is whole in at least one of them; the outer rings look 60 degrees up and down. Nothing is unseen.

    Args:
        count: Number of tiles, a multiple of 4, at least 24.
        fov: Opening angle of a tile, radians; 60 degrees or more leaves no gap, less than 180 degrees.
        size: Rows and columns of a tile, pixels.

    Returns:
        The tiling. The first tile looks to the front; azimuth grows to the left along each ring.

    Raises:
        ValueError: If the tiles could not cover the sphere.
    """
    if count < 24 or count % 4 or not math.radians(60.0) - 1e-9 <= fov < math.pi:
        raise ValueError(f"{count} tiles of {math.degrees(fov):.1f} degrees do not make three closed rings")
    pitch = math.pi / 2.0 - fov / 2.0
    azimuths: list[float] = []
    elevations: list[float] = []
    for tiles, elevation in ((count // 2, 0.0), (count // 4, pitch), (count // 4, -pitch)):
        azimuths += [2.0 * math.pi * k / tiles for k in range(tiles)]
        elevations += [elevation] * tiles
    return Tiling(tuple(azimuths), tuple(elevations), fov, size)


@lru_cache(maxsize=8)
def tile_grid(tiling: Tiling, height: int, width: int) -> SamplingGrid:
    """Give one grid for all tiles, stacked from top to bottom.

    Args:
        tiling: The tiles.
        height: Rows of the equirectangular frame.
        width: Columns of the equirectangular frame.

    Returns:
        Positions in the frame, each of shape (N * size, size).
    """
    looks = zip(tiling.azimuths, tiling.elevations, strict=True)
    rays = [view_directions(az, el, tiling.fov, tiling.size, tiling.size) for az, el in looks]
    return pixel_of(np.concatenate(rays), height, width)


def views(frames: npt.NDArray[np.uint8], tiling: Tiling) -> npt.NDArray[np.uint8]:
    """Cut equirectangular frames into tiles.

    Args:
        frames: Equirectangular frames, shape (T, H, W, 3).
        tiling: The tiles.

    Returns:
        Tiles, shape (T, N, size, size, 3).

    Raises:
        ValueError: If the frames have another shape.
    """
    if frames.ndim != 4:
        raise ValueError(f"frames must be (T, H, W, 3), got {frames.shape}")
    small = shrink(frames, sharp_height(tiling.fov, tiling.size))
    stacked = sample(small, tile_grid(tiling, *small.shape[1:3]))
    return stacked.reshape(len(frames), tiling.count, tiling.size, tiling.size, 3)


@lru_cache(maxsize=16)
def nearest_tiles(tiling: Tiling, height: int, width: int) -> npt.NDArray[np.intp]:
    """Give every pixel of an equirectangular frame to the tile whose centre is nearest.

    Args:
        tiling: The tiles.
        height: Rows of the frame.
        width: Columns of the frame.

    Returns:
        Tile numbers, shape (height, width). Read-only, because it is shared.
    """
    nearest: npt.NDArray[np.intp] = np.argmax(directions(height, width) @ tiling.directions.T, axis=-1)
    nearest.setflags(write=False)
    return nearest


@lru_cache(maxsize=16)
def _nearest_area(tiling: Tiling) -> npt.NDArray[np.float64]:
    height, width = 360, 720
    nearest = nearest_tiles(tiling, height, width)
    area = area_weights(height, width)
    counted = np.bincount(nearest.ravel(), weights=area.ravel(), minlength=tiling.count)
    # Tiles of one ring see the same share; averaging over the ring removes the grid's own asymmetry.
    rings = np.abs(np.array(tiling.elevations))
    shares = np.array([counted[np.isclose(rings, ring)].mean() for ring in rings])
    shares.setflags(write=False)
    return shares
