"""How much moves where: motion of each tile of the sphere beyond what moves everywhere.

Small grey pictures are compared with the one before. The change of brightness divided by the slope of the
picture is the speed of what is seen, in pixels ("normal flow": Horn and Schunck, "Determining optical flow",
1981), whatever its contrast. A change of light moves all pixels alike and is fitted away; a camera that turns
or travels moves most tiles, and the median tile is subtracted.
"""

import cv2
import numpy as np
import numpy.typing as npt

from audiospace.panorama import Tiling, area_weights, nearest_tiles

HEIGHT = 90
"""Rows of the pictures that are compared; a pixel is 2 degrees."""
_WIDTH = 2 * HEIGHT
_WEAK_SLOPE = 0.02  # of full brightness per pixel: below it, a slope is taken for noise
_INTERVAL = 0.25  # seconds: speeds are given per quarter second
_BRISK = 0.5  # pixels per interval (4 degrees per second) at which a tile counts as moving by 1 - 1/e


class MotionMeter:
    """Measures motion in frames that arrive a few at a time.

    Args:
        tiling: The tiles to measure in. A pixel belongs to the tile whose centre is nearest.
    """

    def __init__(self, tiling: Tiling) -> None:
        self._count = tiling.count
        self._tile_of = nearest_tiles(tiling, HEIGHT, _WIDTH).ravel()
        self._area = area_weights(HEIGHT, _WIDTH).ravel()
        self._previous: tuple[npt.NDArray[np.float32], float] | None = None

    def measure(
        self, images: npt.NDArray[np.uint8], times: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float32]:
        """Compare each frame with the one before, across calls.

        Args:
            images: Equirectangular frames, shape (T, H, W, 3), RGB.
            times: When they are seen, seconds, increasing, shape (T,).

        Returns:
            Motion per frame and tile, shape (T, N), in [0, 1): 0 for a tile that moves no more than most do.
            The very first frame has nothing before it and repeats the second, or is 0 if it comes alone.

        Raises:
            ValueError: If times do not increase.
        """
        motion = np.zeros((len(images), self._count), dtype=np.float32)
        first = self._previous is None
        for row, (image, time) in enumerate(zip(images, times, strict=True)):
            grey = _small_grey(image)
            if self._previous is not None:
                elapsed = float(time) - self._previous[1]
                if elapsed <= 0.0:
                    raise ValueError(f"times must increase, got {time} after {self._previous[1]}")
                motion[row] = self._excess(self._previous[0], grey) * (_INTERVAL / elapsed)
            self._previous = (grey, float(time))
        if first and len(motion) > 1:
            motion[0] = motion[1]
        saturated: npt.NDArray[np.float32] = 1.0 - np.exp(-motion / np.float32(_BRISK))
        return saturated

    def _excess(
        self, before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        change = np.abs(after - _relight(before, after))
        average = (before + after) / 2.0
        slope = np.hypot(_slope_across(average), np.gradient(average, axis=0))
        moved = self._per_tile(change) / (self._per_tile(slope) + _WEAK_SLOPE)
        return np.maximum(moved - np.median(moved), 0.0).astype(np.float32)

    def _per_tile(self, plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        total = np.bincount(self._tile_of, weights=plane.ravel() * self._area, minlength=self._count)
        area = np.bincount(self._tile_of, weights=self._area, minlength=self._count)
        averages: npt.NDArray[np.float64] = total / area
        return averages


def tile_motion(
    images: npt.NDArray[np.uint8], times: npt.NDArray[np.float64], tiling: Tiling
) -> npt.NDArray[np.float32]:
    """Measure how much each tile moves beyond what moves everywhere.

    Args:
        images: Equirectangular frames, shape (T, H, W, 3), RGB.
        times: When they are seen, seconds, increasing, shape (T,).
        tiling: The tiles.

    Returns:
        Motion per frame and tile, shape (T, N), in [0, 1), as `MotionMeter.measure` gives it.

    Raises:
        ValueError: If times do not increase.
    """
    return MotionMeter(tiling).measure(images, times)


def _small_grey(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    small = cv2.resize(image, (_WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255.0)
    wrapped = np.concatenate([grey[:, -2:], grey, grey[:, :2]], axis=1)
    return cv2.GaussianBlur(wrapped, (3, 3), 0.0)[:, 2:-2].astype(np.float32)


def _relight(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Give the earlier picture the light of the later one: the median gain, then the median offset."""
    lit = (before > 0.02) & (after > 0.02)
    gain = np.median(after[lit] / before[lit]) if lit.any() else 1.0
    scaled = before * np.float32(gain)
    shifted: npt.NDArray[np.float32] = scaled + np.float32(np.median(after - scaled))
    return shifted


def _slope_across(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    slope: npt.NDArray[np.float32] = (np.roll(plane, -1, axis=1) - np.roll(plane, 1, axis=1)) / 2.0
    return slope
