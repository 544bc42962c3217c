"""Tell an equirectangular panorama from a flat picture by looking: do its edges meet?"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Measured on twelve 360 videos and on flat cut-outs of them: panoramas have a seam of at most 0.12 and a
# pole of at most 0.07; cut-outs a seam of at least 0.37 and mostly a pole above 0.2.
_SEAM_LIMIT = 0.2
_POLE_LIMIT = 0.12
# Below this mean difference (grey levels of 255) there is nothing to see.
_LEAST_DETAIL = 3.0
# The edge columns themselves must vary this much (share of the picture's), so that black bars do not count.
_LEAST_EDGE = 0.1


@dataclass(frozen=True)
class Wraparound:
    """How far pictures close up around the sphere.

    Attributes:
        seam: Mean difference of the outermost columns over that of columns far apart: near 0 when the
            left and the right edge meet, near 1 when they have nothing to do with each other.
        pole: Spread along the top or bottom row, whichever is less, over that of a usual row: near 0
            where a whole row is one point of the sphere.
        detail: Mean difference of columns far apart, in grey levels (0 to 255).
        edge: Spread down the outermost columns over that of the whole picture.
    """

    seam: float
    pole: float
    detail: float
    edge: float

    @property
    def is_visible(self) -> bool:
        """Whether there is enough in the pictures to tell."""
        return self.detail > _LEAST_DETAIL

    @property
    def is_equirectangular(self) -> bool:
        """Whether the edges meet, not being black bars, and a pole is a point."""
        visible = self.is_visible and self.edge > _LEAST_EDGE
        return visible and self.seam < _SEAM_LIMIT and self.pole < _POLE_LIMIT


def measure_wraparound(images: NDArray[np.uint8]) -> Wraparound:
    """Measure on some pictures of a video whether they are equirectangular.

    Args:
        images: Shape (time, height, width, 3), RGB, a few pictures spread over the video, best some
            500 pixels high.

    Returns:
        The measurements.
    """
    grey = images.mean(axis=-1, dtype=np.float32)
    smooth = np.stack([np.asarray(cv2.blur(picture, (1, 9)), dtype=np.float32) for picture in grey])
    width = smooth.shape[2]
    distances = (width // 4, width // 3, width // 2)
    detail = float(np.mean([np.abs(smooth - np.roll(smooth, d, axis=2)).mean() for d in distances]))
    seam = float(np.abs(smooth[:, :, 0] - smooth[:, :, -1]).mean())
    rows = smooth.std(axis=2).mean(axis=0)
    usual = float(rows.mean())
    edge = float(smooth[:, :, [0, -1]].std(axis=1).mean())
    spread = float(smooth.std())
    if min(detail, usual, spread) <= 0:
        return Wraparound(1.0, 1.0, 0.0, 0.0)
    pole = float(min(rows[:2].mean(), rows[-2:].mean()))
    return Wraparound(seam / detail, pole / usual, detail, edge / spread)
