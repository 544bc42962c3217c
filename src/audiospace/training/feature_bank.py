"""Video features of a scene without drawing all of its frames.

Running the frame encoder over every tile of every frame of thousands of training scenes is out of reach of a
laptop. What a tile's features depend on is little: which sources it shows, how far from its centre and how
large. So the renderer and the encoder run on a few hundred frames of random scenes, every view is kept with
what it showed, and a new scene's features are put together from views that showed nearly the same. The
encoder's own confusions come along.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audiospace.media import Frames
from audiospace.panorama import Tiling, sphere_tiling
from audiospace.simulate import Scene, random_scene, render_frames
from audiospace.vision import FrameEncoder, extract, moments, useful_height
from audiospace.vision.branches import FRONT_FOV, TILE_FOV

FloatArray = NDArray[np.float32]
Vectors = NDArray[np.float64]

FRAMES_PER_SCENE = 2
BANK_RATE = 4.0
EMPTY_EVERY = 4
NEAREST = 4
VISIBLE_MARGIN = np.radians(8.0)
BANK_SEED = 7_000_000
FRONT = np.array([1.0, 0.0, 0.0])

_Row = tuple[float, float, FloatArray]


@dataclass(frozen=True)
class Views:
    """Views that showed one kind of source, or none.

    Attributes:
        offset: Angle between the view's centre and the source, radians, shape (n,).
        size: Angular size of the source, radians, shape (n,).
        features: What the encoder (and the motion meter) said, shape (n, channels).
    """

    offset: FloatArray
    size: FloatArray
    features: FloatArray

    def similar(self, offset: Vectors, size: Vectors, rank: int) -> FloatArray:
        """Features of the `rank`-th most similar view for each of n situations, shape (n, channels)."""
        distance = (self.offset[None] - offset[:, None]) ** 2 + (self.size[None] - size[:, None]) ** 2
        rank = min(rank, len(self.offset) - 1)
        return self.features[np.argpartition(distance, rank, axis=1)[:, rank]]


@dataclass(frozen=True)
class FeatureBank:
    """Views by kind, for tiles and for the front view, and frames in which nothing is.

    Attributes:
        tiling: The tiles.
        tiles: From kind to views by tiles.
        front: From kind to views to the front, 120 degrees wide.
        empty_tiles: Features of every tile in frames without sources, shape (frames, N, channels). A tile's
            background depends on its elevation, and the tiles of a frame on each other.
        empty_front: The same for the front view, shape (frames, categories).
    """

    tiling: Tiling
    tiles: Mapping[str, Views]
    front: Mapping[str, Views]
    empty_tiles: FloatArray
    empty_front: FloatArray

    @classmethod
    def build(
        cls,
        encoder: FrameEncoder,
        kinds: Sequence[str],
        frames: int,
        tile_count: int,
        on_frame: Callable[[int], None] | None = None,
    ) -> "FeatureBank":
        """Render frames of random scenes and keep every view with what it showed.

        Args:
            encoder: The frame encoder.
            kinds: Kinds of sources that will be asked for.
            frames: Frames to render, two per scene.
            tile_count: Tiles that cover the sphere.
            on_frame: Called after each scene with the number of frames done.

        Returns:
            The bank. Every kind is shown about equally often.
        """
        tiling = sphere_tiling(tile_count, TILE_FOV, encoder.size)
        collector = _Collector(tiling)
        for number in range(max(1, frames // FRAMES_PER_SCENE)):
            collector.look(_bank_scene(kinds, number), encoder)
            if on_frame is not None:
                on_frame((number + 1) * FRAMES_PER_SCENE)
        return collector.bank()

    def features(self, scene: Scene, frames_per_second: float) -> dict[str, FloatArray]:
        """Put together the features of a scene.

        Args:
            scene: The scene; its seed decides which of several similar views are taken.
            frames_per_second: Time steps per second; step k is seen at (k + 0.5) / frames_per_second.

        Returns:
            Branches 'sphere' (T, 4, channels) and 'fov' (T, categories).
        """
        rng = np.random.default_rng((scene.seed, 41))
        count = max(1, round(scene.seconds * frames_per_second))
        times = frame_times(count, frames_per_second)
        behind = int(rng.integers(len(self.empty_tiles)))
        tiles = np.stack(
            [
                _view(self.tiles, background, scene, times, centre, TILE_FOV, rng)
                for centre, background in zip(self.tiling.directions, self.empty_tiles[behind], strict=True)
            ],
            axis=1,
        )
        front = _view(self.front, self.empty_front[behind], scene, times, FRONT, FRONT_FOV, rng)
        return {"sphere": moments(tiles, self.tiling), "fov": front}


class _Collector:
    """Gathers views by what they show."""

    def __init__(self, tiling: Tiling) -> None:
        self.tiling = tiling
        self.tiles: dict[str, list[_Row]] = {}
        self.front: dict[str, list[_Row]] = {}
        self.empty_tiles: list[FloatArray] = []
        self.empty_front: list[FloatArray] = []

    def look(self, scene: Scene, encoder: FrameEncoder) -> None:
        """Render a scene and keep its views; one with several sources says nothing about either."""
        images = np.stack(list(render_frames(scene, BANK_RATE, useful_height(encoder.size))))
        times = frame_times(len(images), BANK_RATE)
        seen = extract(Frames(images, times), encoder, tile_count=self.tiling.count)
        tiles, front = seen.branches["tiles"], seen.branches["fov"]
        if not scene.sources:
            self.empty_tiles.extend(tiles)
            self.empty_front.extend(front)
            return
        for step, time in enumerate(times):
            for centre, features in zip(self.tiling.directions, tiles[step], strict=True):
                _file(self.tiles, scene, time, centre, TILE_FOV, features)
            _file(self.front, scene, time, FRONT, FRONT_FOV, front[step])

    def bank(self) -> FeatureBank:
        """Everything gathered."""
        return FeatureBank(
            self.tiling,
            _by_kind(self.tiles),
            _by_kind(self.front),
            np.stack(self.empty_tiles),
            np.stack(self.empty_front),
        )


def _by_kind(rows: Mapping[str, list[_Row]]) -> dict[str, Views]:
    return {
        kind: Views(
            np.array([row[0] for row in group], np.float32),
            np.array([row[1] for row in group], np.float32),
            np.stack([row[2] for row in group]),
        )
        for kind, group in rows.items()
    }


def frame_times(count: int, frames_per_second: float) -> Vectors:
    """When the steps of a sequence are seen: the middles of equal intervals, in seconds, shape (count,)."""
    return np.asarray((np.arange(count) + 0.5) / frames_per_second, dtype=np.float64)


def _bank_scene(kinds: Sequence[str], number: int) -> Scene:
    """A short scene whose kinds come round in turn, so that none is missing; every fourth one is empty."""
    chosen = [kinds[(3 * number + k) % len(kinds)] for k in range(3)]
    scene = random_scene(
        BANK_SEED + number, kinds=chosen, seconds=FRAMES_PER_SCENE / BANK_RATE, room=0.3, distractors=0.0
    )
    return replace(scene, sources=()) if number % EMPTY_EVERY == 0 else scene


def _file(
    rows: dict[str, list[_Row]], scene: Scene, time: float, centre: Vectors, fov: float, features: FloatArray
) -> None:
    """Keep a view that shows exactly one source."""
    shown = _shown(scene, np.array([time]), centre, fov)
    inside = [(kind, float(offset[0]), float(size[0])) for kind, offset, size, visible in shown if visible[0]]
    if len(inside) == 1:
        kind, offset, size = inside[0]
        rows.setdefault(kind, []).append((offset, size, features))


def _shown(
    scene: Scene, times: Vectors, centre: Vectors, fov: float
) -> list[tuple[str, Vectors, Vectors, NDArray[np.bool_]]]:
    """Kind, offset, size and visibility of every source over time, in a view."""
    rows = []
    for source in scene.sources:
        offset = np.arccos(np.clip(source.path.direction(times) @ centre, -1, 1))
        size = source.angular_size(times)
        rows.append((source.kind, offset, size, offset < fov / 2 + size / 2 + VISIBLE_MARGIN))
    return rows


def _view(
    views: Mapping[str, Views],
    background: FloatArray,
    scene: Scene,
    times: Vectors,
    centre: Vectors,
    fov: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Features of one view over time: the background, and over it the strongest of what the sources add."""
    out = np.repeat(background[None], len(times), axis=0)
    for kind, offset, size, visible in _shown(scene, times, centre, fov):
        rank = int(rng.integers(NEAREST))
        if kind in views and visible.any():
            similar = views[kind].similar(offset[visible], size[visible], rank)
            weight = 0.5 + 0.5 * (offset[visible] < fov / 2)[:, None]
            out[visible] = np.maximum(out[visible] * (1 - weight), similar * weight)
    return out.astype(np.float32)
