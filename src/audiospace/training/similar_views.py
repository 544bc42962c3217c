"""Views of rendered scenes, kept by what they showed: one source, how far from their middle and how large.

A source that is hard to recognise is so in all of its views, so one source of the bank stands for one source
of a scene.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate import Scene, Source
from audiospace.vision.branches import FRONT_FOV, TILE_FOV

FloatArray = NDArray[np.float32]
Vectors = NDArray[np.float64]
ViewsByKind = Mapping[str, "Views"]

NEAREST = 8
"""One of so many sources of the most similar sizes is taken, by chance."""
STRANGER = np.radians(12.0)
"""Views of the source that was taken are preferred to those of another one that fit better by up to this."""
VISIBLE_MARGIN = np.radians(8.0)
OPENINGS = {"tiles": TILE_FOV, "fov": FRONT_FOV, "panorama": 2 * np.pi, "eac": 2 * np.pi}
"""Opening angle of the views of each branch, radians."""


@dataclass(frozen=True)
class Views:
    """Views that showed one kind of source.

    Attributes:
        offset: Angle between the view's centre and the source, radians, shape (n,).
        size: Angular size of the source, radians, shape (n,).
        source: Which source it was, shape (n,).
        features: What the encoder (and the motion meter) said, shape (n, channels).
    """

    offset: FloatArray
    size: FloatArray
    source: NDArray[np.int64]
    features: FloatArray

    def choose(self, size: float, rng: np.random.Generator) -> int:
        """Take one of the sources that are most nearly of a size.

        Args:
            size: Angular size, radians.
            rng: Decides which of them.

        Returns:
            The source.
        """
        sources, index = np.unique(self.source, return_inverse=True)
        sizes = np.bincount(index, weights=self.size) / np.bincount(index)
        return int(rng.choice(sources[np.argsort(np.abs(sizes - size), kind="stable")[:NEAREST]]))

    def similar(self, offset: Vectors, size: Vectors, source: int) -> FloatArray:
        """Look up views that showed nearly the same, of one source as far as there are any.

        Args:
            offset: Angles between views and sources, radians, shape (n,).
            size: Angular sizes of the sources, radians, shape (n,).
            source: The source whose views are preferred.

        Returns:
            Their features, shape (n, channels).
        """
        distance = np.hypot(self.offset[None] - offset[:, None], self.size[None] - size[:, None])
        nearest = np.argmin(distance + STRANGER * (self.source != source), axis=1)
        found: FloatArray = self.features[nearest]
        return found


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
        rng: Decides which of several similar sources stands for each.

    Returns:
        Features over time, shape (T, views, channels).
    """
    out = background.copy()
    for row in seen:
        if row.kind not in views or not row.visible.any():
            continue
        inside, sizes = row.visible, np.broadcast_to(row.size, row.offset.shape)
        stand_in = views[row.kind].choose(float(np.median(row.size)), rng)
        similar = views[row.kind].similar(row.offset[inside], sizes[inside], stand_in)
        weight = 0.5 + 0.5 * (row.offset[inside] < opening / 2)[:, None]
        out[inside] = np.maximum(out[inside] * (1 - weight), similar * weight)
    return out
