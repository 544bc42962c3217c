"""Renders random scenes, lets the frame encoder look at them, and files every view by what it showed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from audiospace.media import Frames
from audiospace.panorama import Tiling
from audiospace.simulate import Scene, random_scene, render_frames
from audiospace.training.frame_times import frame_times
from audiospace.training.similar_views import OPENINGS, FloatArray, Vectors, Views, shown
from audiospace.vision import FrameEncoder, extract, useful_height

FRAMES_PER_SCENE = 2
BANK_RATE = 4.0
EMPTY_EVERY = 4
BANK_SEED = 7_000_000
MOST_SOURCES = 8
"""More than a scene of the bank has."""
FRONT = np.array([[1.0, 0.0, 0.0]])

_Row = tuple[float, float, int, FloatArray]


class ViewCollection:
    """Views by branch and kind, and frames in which nothing is.

    Args:
        tiling: The tiles.
    """

    def __init__(self, tiling: Tiling) -> None:
        self._tiling = tiling
        self._rows: dict[str, dict[str, list[_Row]]] = {branch: {} for branch in OPENINGS}
        self._empty: dict[str, list[FloatArray]] = {branch: [] for branch in OPENINGS}

    @property
    def views(self) -> dict[str, dict[str, Views]]:
        """Views by branch and kind."""
        return {
            branch: {kind: _joined(rows) for kind, rows in kinds.items()}
            for branch, kinds in self._rows.items()
        }

    @property
    def empty(self) -> dict[str, FloatArray]:
        """Features of the views in frames without sources by branch, shape (frames, views, channels)."""
        return {branch: np.stack(rows) for branch, rows in self._empty.items()}

    def fill(
        self,
        encoder: FrameEncoder,
        kinds: Sequence[str],
        frames: int,
        on_frame: Callable[[int], None] | None = None,
        *,
        first: int = 0,
    ) -> None:
        """Render frames of random scenes and keep every view with what it showed.

        Args:
            encoder: The frame encoder.
            kinds: Kinds of sources, shown about equally often.
            frames: Frames to render, two per scene.
            on_frame: Called after each scene with the number of frames done.
            first: Number of the first scene.
        """
        for number in range(max(1, frames // FRAMES_PER_SCENE)):
            self._look(_scene(kinds, first + number), encoder)
            if on_frame is not None:
                on_frame((number + 1) * FRAMES_PER_SCENE)

    def _look(self, scene: Scene, encoder: FrameEncoder) -> None:
        images = np.stack(list(render_frames(scene, BANK_RATE, useful_height(encoder.size))))
        times = frame_times(len(images), BANK_RATE)
        seen = extract(
            Frames(images, times), encoder, tile_count=self._tiling.count, branches=tuple(OPENINGS)
        )
        for branch, features in by_view(seen.branches).items():
            if scene.sources:
                self._file(branch, scene, times, features)
            else:
                self._empty[branch].extend(features)

    def _file(self, branch: str, scene: Scene, times: Vectors, features: FloatArray) -> None:
        """Keep the views that show exactly one source: one with several says nothing about either."""
        centres = self._tiling.directions if branch == "tiles" else FRONT
        rows = list(shown(scene, times, centres, OPENINGS[branch]))
        alone = np.sum([row.visible for row in rows], axis=0) == 1
        for number, row in enumerate(rows):
            source = MOST_SOURCES * scene.seed + number
            for step, view in np.argwhere(row.visible & alone):
                kept = (float(row.offset[step, view]), float(row.size[step, 0]), source, features[step, view])
                self._rows[branch].setdefault(row.kind, []).append(kept)


def by_view(branches: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Features of a video by branch, each of shape (T, views, channels); the moments are left out."""
    return {
        name: branches[name] if name == "tiles" else branches[name][:, None]
        for name in OPENINGS
        if name in branches
    }


def _joined(rows: Sequence[_Row]) -> Views:
    return Views(
        np.array([row[0] for row in rows], np.float32),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
        np.stack([row[3] for row in rows]),
    )


def _scene(kinds: Sequence[str], number: int) -> Scene:
    """A short scene whose kinds come round in turn, so that none is missing; every fourth one is empty."""
    chosen = [kinds[(3 * number + k) % len(kinds)] for k in range(3)]
    scene = random_scene(
        BANK_SEED + number,
        kinds=chosen,
        seconds=FRAMES_PER_SCENE / BANK_RATE,
        room=0.3,
        distractors=0.0,
        noise=1.0,
    )
    return replace(scene, sources=()) if number % EMPTY_EVERY == 0 else scene
