"""Tell YouTube's equi-angular cubemap from a flat picture by looking: do its faces join where they must?"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Measured on twelve 360 videos laid out as EAC, and on flat cut-outs of them: cubemaps have a fold of at
# least 3.4, a tear of at least 0.6 and joins of at most 0.23; cut-outs a fold of at most 1.7, a tear of at
# most 0.5 and joins mostly near 1.
_FOLD_LIMIT = 2.5
_TEAR_LIMIT = 0.4
_JOIN_LIMIT = 0.4
_LEAST_DETAIL = 3.0
# YouTube repeats a pixel or two around each row of faces: look a little inside.
_INSET = 2
_NEAR_ROWS = 3


@dataclass(frozen=True)
class CubemapJoins:
    """How far pictures look like left, front, right above down, back, up (the latter turned).

    Attributes:
        fold: Mean step between the two middle rows over that between rows beside them: large in a cubemap.
        tear: The same step over the mean difference of rows far apart: near 1 in a cubemap.
        join: Mean difference of the outer edges of the left and right faces and the edges of the back face
            they meet on the cube, over that of rows far apart: near 0 in a cubemap.
        detail: Mean difference of rows far apart, in grey levels (0 to 255).
    """

    fold: float
    tear: float
    join: float
    detail: float

    @property
    def is_visible(self) -> bool:
        """Whether there is enough in the pictures to tell."""
        return self.detail > _LEAST_DETAIL

    @property
    def is_cubemap(self) -> bool:
        """Whether the picture is folded in the middle and joins where a cube does."""
        folded = self.fold > _FOLD_LIMIT and self.tear > _TEAR_LIMIT
        return self.is_visible and folded and self.join < _JOIN_LIMIT


def measure_joins(images: NDArray[np.uint8]) -> CubemapJoins:
    """Measure on some pictures of a video whether they are YouTube's equi-angular cubemaps.

    Args:
        images: Shape (time, height, width, 3), RGB, a few pictures spread over the video, best some
            500 pixels high.

    Returns:
        The measurements.
    """
    grey = images.mean(axis=-1, dtype=np.float32)
    _, height, width = grey.shape
    half, face = height // 2, width // 3
    rows = np.abs(np.diff(grey, axis=1)).mean(axis=(0, 2))
    step = float(rows[half - 1])
    near = float(np.mean([rows[half - 2 - k] + rows[half + k] for k in range(_NEAR_ROWS)])) / 2
    detail = float(np.mean([np.abs(grey - np.roll(grey, height // k, axis=1)).mean() for k in (3, 4)]))
    if min(near, detail) <= 0:
        return CubemapJoins(0.0, 0.0, 1.0, 0.0)
    back = slice(face, 2 * face)
    left = _stretched(grey[:, :half, _INSET], face) - grey[:, -1 - _INSET, back][:, ::-1]
    right = _stretched(grey[:, :half, -1 - _INSET], face) - grey[:, half + _INSET, back][:, ::-1]
    join = float(np.abs(left).mean() + np.abs(right).mean()) / 2
    return CubemapJoins(step / near, step / detail, join / detail, detail)


def _stretched(edges: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Edges of shape (time, n) resampled to (time, length)."""
    resized = cv2.resize(edges, (length, edges.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.float32)
