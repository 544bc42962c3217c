"""Resampling of pictures: any view is a grid of positions in the source picture.

A grid holds positions in pixels of the source, with pixel centres at whole numbers (OpenCV's convention): the
centre of the first pixel is 0, and a frame that is W pixels wide reaches from -0.5 to W - 0.5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Pixel = TypeVar("Pixel", np.uint8, np.float32)
Interpolation = Literal["linear", "cubic", "lanczos"]

_FLAGS: dict[Interpolation, int] = {
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
}
_MARGIN = 4  # pixels added around a sphere; the widest kernel (Lanczos) reaches 4 pixels to either side


@dataclass(frozen=True, eq=False)
class SamplingGrid:
    """Where each output pixel looks in the source picture.

    Attributes:
        map_x: Horizontal source positions in pixels, shape (H, W), float32.
        map_y: Vertical source positions in pixels, shape (H, W), float32.
    """

    map_x: npt.NDArray[np.float32]
    map_y: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.map_x.shape != self.map_y.shape or self.map_x.ndim != 2:
            raise ValueError(f"maps must be two equal planes, got {self.map_x.shape} and {self.map_y.shape}")
        self.map_x.setflags(write=False)
        self.map_y.setflags(write=False)


def sample(
    frames: npt.NDArray[Pixel], grid: SamplingGrid, interpolation: Interpolation = "linear"
) -> npt.NDArray[Pixel]:
    """Look up a grid in equirectangular frames, across the seam and over the poles as if there were none.

    Args:
        frames: Equirectangular frames, shape (H, W, 3) or (T, H, W, 3), uint8 or float32.
        grid: Positions in the frames; positions outside by more than a few pixels are not defined.
        interpolation: The kernel. "cubic" and "lanczos" are sharper, and may overshoot in float32.

    Returns:
        Pixels of the grid's shape, (h, w, 3) or (T, h, w, 3), of the frames' type.

    Raises:
        ValueError: If the frames do not have one of the two shapes.
    """
    moved = SamplingGrid(grid.map_x + _MARGIN, grid.map_y + _MARGIN)
    return _each(frames, lambda frame: _remap(_around_the_sphere(frame), moved, interpolation))


def sample_flat(
    frames: npt.NDArray[Pixel], grid: SamplingGrid, interpolation: Interpolation = "linear"
) -> npt.NDArray[Pixel]:
    """Look up a grid in flat pictures, whose edges are repeated outwards.

    Args:
        frames: Pictures, shape (H, W, 3) or (T, H, W, 3), uint8 or float32.
        grid: Positions in the pictures.
        interpolation: The kernel.

    Returns:
        Pixels of the grid's shape, (h, w, 3) or (T, h, w, 3), of the frames' type.

    Raises:
        ValueError: If the frames do not have one of the two shapes.
    """
    return _each(frames, lambda frame: _remap(frame, grid, interpolation))


def shrink(frames: npt.NDArray[Pixel], height: int) -> npt.NDArray[Pixel]:
    """Average frames down to a height, so that a coarse view of them does not alias. Never enlarges.

    Args:
        frames: Pictures, shape (H, W, 3) or (T, H, W, 3).
        height: The height wanted, in pixels.

    Returns:
        The frames with at most `height` rows, in their proportions; the frames themselves if they are small.

    Raises:
        ValueError: If the frames do not have one of the two shapes.
    """
    rows, columns = frames.shape[-3:-1]
    if height >= rows:
        return frames
    size = (max(1, round(columns * height / rows)), height)
    return _each(frames, lambda frame: _like(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), frame))


def _each(
    frames: npt.NDArray[Pixel], change: Callable[[npt.NDArray[Pixel]], npt.NDArray[Pixel]]
) -> npt.NDArray[Pixel]:
    if frames.ndim not in (3, 4) or frames.shape[-1] != 3:
        raise ValueError(f"frames must be (H, W, 3) or (T, H, W, 3), got {frames.shape}")
    if frames.ndim == 3:
        return change(frames)
    return np.stack([change(frame) for frame in frames])


def _remap(frame: npt.NDArray[Pixel], grid: SamplingGrid, interpolation: Interpolation) -> npt.NDArray[Pixel]:
    flag = _FLAGS[interpolation]
    found = cv2.remap(frame, grid.map_x, grid.map_y, flag, borderMode=cv2.BORDER_REPLICATE)
    return _like(found, frame)


def _like(found: npt.NDArray[Any], frame: npt.NDArray[Pixel]) -> npt.NDArray[Pixel]:
    return found.astype(frame.dtype, copy=False)


def _around_the_sphere(frame: npt.NDArray[Pixel]) -> npt.NDArray[Pixel]:
    """Continue a frame past its edges: over a pole, the next row is the same row half a turn away."""
    half_turn = frame.shape[1] // 2
    top = np.roll(frame[:_MARGIN][::-1], half_turn, axis=1)
    bottom = np.roll(frame[-_MARGIN:][::-1], half_turn, axis=1)
    tall = np.concatenate([top, frame, bottom], axis=0)
    wide = np.concatenate([tall[:, -_MARGIN:], tall, tall[:, :_MARGIN]], axis=1)
    return np.ascontiguousarray(wide)
