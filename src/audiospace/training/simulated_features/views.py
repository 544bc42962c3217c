"""The views whose features are simulated: tiles, the front view and whole frames squeezed into a picture."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audiospace.panorama import Tiling, sphere_tiling
from audiospace.vision.branches import FRONT_FOV, TILE_FOV

Array = NDArray[np.float64]

_PICTURE = 224
_WHOLE = 2.0 * np.pi


@dataclass(frozen=True, eq=False)
class Views:
    """Views of the sphere.

    Attributes:
        tiling: The tiles, which are the first N views; then come `fov`, `panorama` and `eac`.
        directions: Where each view looks, unit vectors, shape (N + 3, 3).
        openings: Opening angle of each, radians, shape (N + 3,); a full turn for the whole frame.
    """

    tiling: Tiling
    directions: Array
    openings: Array

    def offsets(self, directions: Array) -> Array:
        """Angle between views and directions, (T, 3) to (T, N + 3), radians; whole frames are always met."""
        angle: Array = np.arccos(np.clip(directions @ self.directions.T, -1.0, 1.0))
        angle[:, self.openings >= _WHOLE] = 0.0
        return angle


@lru_cache(maxsize=4)
def all_views(tile_count: int) -> Views:
    """Give the views.

    Args:
        tile_count: Number of tiles, N.

    Returns:
        The views.
    """
    tiling = sphere_tiling(tile_count, TILE_FOV, _PICTURE)
    front = np.array([[1.0, 0.0, 0.0]])
    openings = np.array([TILE_FOV] * tile_count + [FRONT_FOV, _WHOLE, _WHOLE])
    return Views(tiling, np.concatenate([tiling.directions, front, front, front]), openings)
