"""Views of rendered scenes, kept by what they showed: one source, how far from their middle and how large."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate import Scene, Source
from audiospace.vision.branches import FRONT_FOV, TILE_FOV

FloatArray = NDArray[np.float32]
Vectors = NDArray[np.float64]
ViewsByKind = Mapping[str, "Views"]

NEAREST = 4
"""One of so many most similar views is taken, by chance."""
VISIBLE_MARGIN = np.radians(8.0)
OPENINGS = {"tiles": TILE_FOV, "fov": FRONT_FOV, "panorama": 2 * np.pi, "eac": 2 * np.pi}
"""Opening angle of the views of each branch, radians."""


@dataclass(frozen=True)
class Views:
    """Views that showed one kind of source.

    Attributes:
        offset: Angle between the view's centre and the source, radians, shape (n,).
        size: Angular size of the source, radians, shape (n,).
        features: What the encoder (and the motion meter) said, shape (n, channels).
    """

    offset: FloatArray
    size: FloatArray
    features: FloatArray

    def similar(self, offset: Vectors, size: Vectors, rank: NDArray[np.int64]) -> FloatArray:
        """Look up views that showed nearly the same.

        Args:
            offset: Angles between views and sources, radians, shape (n,).
            size: Angular sizes of the sources, radians, shape (n,).
            rank: Which of the most similar views to take, 0 to `NEAREST` - 1, shape (n,).

        Returns:
            Their features, shape (n, channels).
        """
        distance = (self.offset[None] - offset[:, None]) ** 2 + (self.size[None] - size[:, None]) ** 2
        few = min(NEAREST, len(self.offset))
        nearest = np.argpartition(distance, few - 1, axis=1)[:, :few]
        order = np.argsort(np.take_along_axis(distance, nearest, axis=1), axis=1)
        at = np.take_along_axis(order, np.minimum(rank, few - 1)[:, None], axis=1)
        return self.features[np.take_along_axis(nearest, at, axis=1)[:, 0]]


@dataclass(frozen=True)
class Shown:
    """What views show of a source over time.

    Attributes:
        kind: Its kind.
        offset: Angle from the middle of each view, radians, shape (T, views).
        size: Angular size, radians, shape (T, 1).
        visible: Whether it is in view, shape (T, views).
    """

    kind: str
    offset: Vectors
    size: Vectors
    visible: NDArray[np.bool_]


def shown(scene: Scene, times: Vectors, centres: Vectors, opening: float) -> Iterator[Shown]:
    """Tell what views show of each source.

    Args:
        scene: The scene.
        times: Seconds, shape (T,).
        centres: Where the views look, unit vectors, shape (views, 3).
        opening: Their opening angle, radians.

    Yields:
        One row per source.
    """
    for source in scene.sources:
        yield _shown(source, times, centres, opening)


def _shown(source: Source, times: Vectors, centres: Vectors, opening: float) -> Shown:
    offset = np.arccos(np.clip(source.path.direction(times) @ centres.T, -1, 1))
    size = source.angular_size(times)[:, None]
    return Shown(source.kind, offset, size, offset < opening / 2 + size / 2 + VISIBLE_MARGIN)


def overlay(
    views: ViewsByKind,
    background: FloatArray,
    seen: Iterator[Shown],
    opening: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Put the features of views together: the background, and over it the strongest of what the sources add.

    Args:
        views: Views by kind.
        background: Features without sources, shape (T, views, channels).
        seen: What the views show.
        opening: Their opening angle, radians.
        rng: Decides which of several similar views are taken; the same for a source all the time.

    Returns:
        Features over time, shape (T, views, channels).
    """
    out = background.copy()
    for row in seen:
        ranks = np.broadcast_to(rng.integers(NEAREST, size=background.shape[1]), row.offset.shape)
        if row.kind not in views or not row.visible.any():
            continue
        inside, sizes = row.visible, np.broadcast_to(row.size, row.offset.shape)
        similar = views[row.kind].similar(row.offset[inside], sizes[inside], ranks[inside])
        weight = 0.5 + 0.5 * (row.offset[inside] < opening / 2)[:, None]
        out[inside] = np.maximum(out[inside] * (1 - weight), similar * weight)
    return out
