"""A quick look at a video: what moves where, and what the recogniser sees in a few of its pictures.

A full look (`extract`) recognises every frame. Measures and simple systems need less: motion at a high rate,
which is cheap in small pictures, and what there is to be heard, which seldom changes within a clip.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from audiospace.media import Frame
from audiospace.panorama import Tiling, area_weights, sphere_tiling, views
from audiospace.vision.branches import TILE_FOV
from audiospace.vision.categories import category_posterior
from audiospace.vision.encoder import FrameEncoder
from audiospace.vision.motion import MotionMeter

_HEIGHT, _WIDTH = 90, 180  # a pixel is 2 degrees


@dataclass(frozen=True, eq=False)
class Glance:
    """What a quick look at a video sees, by tile of the sphere.

    Attributes:
        times: When motion is measured, seconds, increasing, shape (T,), float64.
        motion: How much each tile moves beyond what moves everywhere, in [0, 1), shape (T, N), float32; as
            `MotionMeter` gives it.
        change: How fast the whole picture changes, shape (T,), float32: mean over the sphere of the absolute
            change of brightness, in full brightness per second. A flash counts, and so does a turn of the
            camera, in which `motion` sees nothing.
        looks: When pictures were recognised, seconds, increasing, shape (K,), float64.
        categories: Mass of each category of sound in each tile, shape (K, N, 28), float32, as
            `category_posterior` gives it.
        directions: Unit vectors (x front, y left, z up) of the tiles' centres, shape (N, 3).
        weights: Share of the sphere that each tile stands for, shape (N,), sum 1.
    """

    times: npt.NDArray[np.float64]
    motion: npt.NDArray[np.float32]
    change: npt.NDArray[np.float32]
    looks: npt.NDArray[np.float64]
    categories: npt.NDArray[np.float32]
    directions: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]


def looks_due(time: float, duration: float, looks: int) -> int:
    """Count the looks that are due by a time: look i is due at (i + 0.5) / looks of the duration.

    A frame is recognised if more looks are due by its time than by that of the frame before.

    Args:
        time: Seconds.
        duration: Length of the video, seconds, > 0.
        looks: Number of looks in all.

    Returns:
        A number from 0 to `looks`.
    """
    return int(np.clip(np.floor(time / duration * looks + 0.5), 0, looks))


def glance(
    frames: Iterable[Frame], duration: float, encoder: FrameEncoder, *, tile_count: int = 24, looks: int = 3
) -> Glance:
    """Look at a video quickly. Memory grows only with the result.

    Args:
        frames: Equirectangular frames in order of time, about 12 a second. A picture may come in two sizes,
            one directly after the other with the same time: motion is measured in the smaller and things are
            recognised in the larger. All frames in which motion is measured are to have one size.
        duration: Length of the video, seconds, > 0.
        encoder: A recogniser of the 1000 ImageNet classes.
        tile_count: Number of tiles of 60 degrees that cover the sphere.
        looks: Number of pictures to recognise, spread evenly over the video; fewer are where there are fewer
            frames.

    Returns:
        What was seen.

    Raises:
        ValueError: If there are no frames, their times decrease, or the encoder names something else than
            the ImageNet classes.
    """
    tiling = sphere_tiling(tile_count, TILE_FOV, encoder.size)
    measure = _Measures(tiling)
    looked: list[float] = []
    seen: list[npt.NDArray[np.float32]] = []
    due, large = 0, None
    for small, large in _both_sizes(frames):
        measure.add(small)
        due_now = looks_due(large.time, duration, looks)
        if due_now > due:
            looked.append(large.time)
            seen.append(_recognise(large, encoder, tiling))
        due = due_now
    if large is None:
        raise ValueError("no frames to look at")
    if not seen:
        looked, seen = [large.time], [_recognise(large, encoder, tiling)]
    return Glance(
        times=np.array(measure.times),
        motion=_repeat_second(np.concatenate(measure.motion)),
        change=_repeat_second(np.array(measure.change, dtype=np.float32)),
        looks=np.array(looked),
        categories=np.stack(seen),
        directions=tiling.directions,
        weights=tiling.weights,
    )


class _Measures:
    """Motion and change of frames that arrive one by one; the first frame has nothing before it."""

    def __init__(self, tiling: Tiling) -> None:
        self.times: list[float] = []
        self.motion: list[npt.NDArray[np.float32]] = []
        self.change: list[float] = []
        self._meter = MotionMeter(tiling)
        self._area = area_weights(_HEIGHT, _WIDTH)
        self._before: npt.NDArray[np.float32] | None = None

    def add(self, frame: Frame) -> None:
        picture = cv2.resize(frame.image, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255.0)
        self.motion.append(self._meter.measure(picture[None], np.array([frame.time])))
        change = 0.0
        if self._before is not None:
            step = np.sum(self._area * np.abs(grey - self._before))
            change = float(step) / (frame.time - self.times[-1])
        self.change.append(change)
        self.times.append(frame.time)
        self._before = grey


def _both_sizes(frames: Iterable[Frame]) -> Iterator[tuple[Frame, Frame]]:
    """The smallest and the largest frame of each time."""
    for _, group in itertools.groupby(frames, key=lambda frame: frame.time):
        sizes = sorted(group, key=lambda frame: frame.image.shape[0])
        yield sizes[0], sizes[-1]


def _recognise(frame: Frame, encoder: FrameEncoder, tiling: Tiling) -> npt.NDArray[np.float32]:
    tiles = views(frame.image[None], tiling)[0]
    return category_posterior(encoder.encode(tiles))


def _repeat_second(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if len(rows) > 1:
        rows[0] = rows[1]
    return rows
