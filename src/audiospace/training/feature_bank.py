"""Video features of a scene without drawing all of its frames.

Running the frame encoder over every tile of every frame of thousands of training scenes is out of reach of a
laptop. What a tile's features depend on is little: which sources it shows, how far from its centre and how
large. So the renderer and the encoder run on some thousand frames of random scenes, every view is kept with
what it showed, and a new scene's features are put together from views that showed nearly the same, those of
one source for one source. The encoder's own confusions come along.
"""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media import writing
from audiospace.panorama import Tiling, sphere_tiling
from audiospace.simulate import Scene
from audiospace.training.frame_times import scene_times
from audiospace.training.similar_views import OPENINGS, FloatArray, Views, overlay, shown
from audiospace.training.view_collection import FRONT, ViewCollection
from audiospace.vision import FrameEncoder, moments
from audiospace.vision.branches import TILE_FOV

_STREAM = 41
_EMPTY, _VIEWS, _TILING = "empty", "views", "tiling"
_FIELDS = ("offset", "size", "source", "features")


@dataclass(frozen=True)
class FeatureBank:
    """Views by branch and kind, and frames in which nothing is.

    Attributes:
        tiling: The tiles.
        views: For each of 'tiles', 'fov', 'panorama' and 'eac', from kind to views. A kind of which there is
            no view is not seen. Only frames with one source alone say something of the last two.
        empty: For each of these, features of the views in frames without sources, shape (frames, views,
            channels). A tile's background depends on its elevation, and the tiles of a frame on each other.
    """

    tiling: Tiling
    views: Mapping[str, Mapping[str, Views]]
    empty: Mapping[str, FloatArray]

    @classmethod
    def build(
        cls,
        encoder: FrameEncoder,
        kinds: Sequence[str],
        frames: int,
        tile_count: int,
        on_frame: Callable[[int], None] | None = None,
        *,
        first: int = 0,
    ) -> "FeatureBank":
        """Render frames of random scenes and keep every view with what it showed.

        Args:
            encoder: The frame encoder.
            kinds: Kinds of sources that will be asked for.
            frames: Frames to render, two per scene.
            tile_count: Tiles that cover the sphere.
            on_frame: Called after each scene with the number of frames done.
            first: Number of the first scene. Banks of other scenes show other views and surroundings.

        Returns:
            The bank. Every kind is shown about equally often.
        """
        tiling = sphere_tiling(tile_count, TILE_FOV, encoder.size)
        collection = ViewCollection(tiling)
        collection.fill(encoder, kinds, frames, on_frame, first=first)
        return cls(tiling, collection.views, collection.empty)

    def features(self, scene: Scene, frames_per_second: float) -> dict[str, FloatArray]:
        """Put together the features of a scene.

        Args:
            scene: The scene; its seed decides which of several similar sources stands for each.
            frames_per_second: Time steps per second; step k is seen at (k + 0.5) / frames_per_second.

        Returns:
            Branches 'tiles' (T, N, channels), 'sphere' (T, 4, channels), 'fov', 'panorama' and 'eac' (T,
            categories), float32, as `vision.extract` gives them.
        """
        times = scene_times(scene, frames_per_second)
        behind = int(np.random.default_rng((scene.seed, _STREAM)).integers(len(self.empty["tiles"])))
        found = {}
        for number, (branch, opening) in enumerate(OPENINGS.items()):
            rng = np.random.default_rng((scene.seed, _STREAM, number))
            centres = self.tiling.directions if branch == "tiles" else FRONT
            background = np.repeat(self.empty[branch][behind][None], len(times), axis=0)
            seen = shown(scene, times, centres, opening)
            found[branch] = overlay(self.views[branch], background, seen, opening, rng)
        single = {branch: rows[:, 0] for branch, rows in found.items() if branch != "tiles"}
        return {"tiles": found["tiles"], "sphere": moments(found["tiles"], self.tiling), **single}

    def save(self, path: str | Path) -> None:
        """Write to a NumPy file, whole or not at all.

        Args:
            path: The file, ending in .npz.

        Raises:
            UserError: If the file cannot be written.
        """
        arrays = {f"{_EMPTY}/{branch}": rows for branch, rows in self.empty.items()}
        for branch, kinds in self.views.items():
            for kind, views in kinds.items():
                for name in _FIELDS:
                    arrays[f"{_VIEWS}/{branch}/{kind}/{name}"] = getattr(views, name)
        layout = np.array([self.tiling.count, self.tiling.fov, self.tiling.size])
        with writing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **{_TILING: layout}, **arrays)

    @classmethod
    def load(cls, path: str | Path) -> "FeatureBank":
        """Read what `save` wrote.

        Args:
            path: The file.

        Returns:
            The bank.

        Raises:
            UserError: If the file is missing or holds anything else.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                return cls._from_arrays({name: data[name] for name in data.files})
        except FileNotFoundError as error:
            raise UserError("no such feature bank", file=path) from error
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UserError("not a feature bank, or a damaged one", file=path) from error

    @classmethod
    def _from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "FeatureBank":
        count, fov, size = arrays[_TILING]
        views: dict[str, dict[str, Views]] = {branch: {} for branch in OPENINGS}
        for name in arrays:
            place, *keys = name.split("/")
            if place == _VIEWS and keys[-1] == _FIELDS[0]:
                stem = name.removesuffix(_FIELDS[0])
                views[keys[0]][keys[1]] = Views(*(arrays[stem + field] for field in _FIELDS))
        empty = {branch: arrays[f"{_EMPTY}/{branch}"] for branch in OPENINGS}
        return cls(sphere_tiling(int(count), float(fov), int(size)), views, empty)
