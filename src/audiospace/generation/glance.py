"""From a video file to a glance at it, kept for the next time."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from audiospace.media import Frame, Layout, MediaInfo, probe, require_360
from audiospace.media.sized_frames import SizedTime, read_sized_frames
from audiospace.panorama import eac_to_erp, sphere_tiling
from audiospace.vision import (
    EfficientNetLite0,
    FeatureCache,
    Features,
    FrameEncoder,
    Glance,
    feature_key,
    looks_due,
    useful_height,
)
from audiospace.vision.branches import TILE_FOV
from audiospace.vision.glance import glance

FRAMES_PER_SECOND = 12.0
"""Rate at which motion is measured."""

LOOKS = 3
"""Pictures that are recognised."""

_TILES = 24
_REVISION = 2  # raise it when the same video would give another glance
_ERP_ROWS = 180  # twice those in which motion is measured
_EAC_SIZE = 192, 288  # two rows of three faces of 96 pixels, about one for each degree
_YOUTUBE_PADDING = 2


def glance_at(
    video: Path, projection: Literal["auto", "erp", "eac"] = "auto", encoder: FrameEncoder | None = None
) -> Glance:
    """Look at a 360 video quickly, or find the glance of an earlier run.

    Args:
        video: The file.
        projection: How the sphere is laid out in the picture, where detection is not to be trusted.
        encoder: A recogniser of the 1000 ImageNet classes; by default the embedded one, which is loaded only
            when it is needed.

    Returns:
        Motion at `FRAMES_PER_SECOND`, and what is recognised in `LOOKS` pictures, in 24 tiles.

    Raises:
        UserError: The file cannot be read, or is no 360 video.
    """
    info = probe(video)
    layout = require_360(info, projection)
    cache = FeatureCache()
    key = feature_key(
        video,
        glance=_REVISION,
        encoder=EfficientNetLite0.id if encoder is None else encoder.id,
        frames_per_second=FRAMES_PER_SECOND,
        looks=LOOKS,
        tiles=_TILES,
        projection=layout.projection,
        stereo=layout.stereo,
    )
    found = _recall(cache, key)
    if found is not None:
        return found
    encoder = encoder or EfficientNetLite0()
    frames = _frames(info, layout, useful_height(encoder.size))
    seen = glance(frames, info.duration, encoder, tile_count=_TILES, looks=LOOKS)
    _keep(cache, key, seen, encoder.id)
    return seen


def _frames(info: MediaInfo, layout: Layout, height: int) -> Iterator[Frame]:
    """Small equirectangular frames, and a large one beside each that is to be recognised."""
    small: tuple[int | None, int | None] = (_ERP_ROWS, 2 * _ERP_ROWS)
    large: tuple[int | None, int | None] = (height, 2 * height)
    if layout.projection == "eac":
        small, large = _EAC_SIZE, (None, None)
    start = 0.0 if info.video is None else info.video.start
    wanted = _wanted(info.duration, small, large)
    frames = read_sized_frames(info.path, wanted, start=start, stereo=layout.stereo)
    return _unrolled(frames, height) if layout.projection == "eac" else frames


def _wanted(
    duration: float, small: tuple[int | None, int | None], large: tuple[int | None, int | None]
) -> Iterator[SizedTime]:
    count = max(1, round(duration * FRAMES_PER_SECOND))
    times = [(k + 0.5) / FRAMES_PER_SECOND for k in range(count)]
    due = [0, *(looks_due(time, duration, LOOKS) for time in times)]
    for time, (before, now) in zip(times, itertools.pairwise(due), strict=True):
        yield SizedTime(time, *small)
        if now > before:
            yield SizedTime(time, *large)


def _unrolled(frames: Iterable[Frame], height: int) -> Iterator[Frame]:
    """Bring cubemaps to the equirectangular projection; in small ones the padding is too thin to matter."""
    for frame in frames:
        if frame.image.shape[:2] == _EAC_SIZE:
            image = eac_to_erp(frame.image, _ERP_ROWS // 2, padding=0)
        else:
            image = eac_to_erp(frame.image, height, padding=_YOUTUBE_PADDING)
        yield Frame(frame.time, image)


def _names(key: str) -> tuple[str, str]:
    """Names of both parts in the cache: rows of motion, and looks."""
    motion, looks = (hashlib.sha256(f"{key} {part}".encode()).hexdigest() for part in ("motion", "looks"))
    return motion, looks


def _keep(cache: FeatureCache, key: str, seen: Glance, encoder: str) -> None:
    motion, looks = _names(key)
    cache.put(motion, Features(encoder, seen.times, {"motion": seen.motion, "change": seen.change}))
    cache.put(looks, Features(encoder, seen.looks, {"categories": seen.categories}))


def _recall(cache: FeatureCache, key: str) -> Glance | None:
    motion, looks = (cache.get(name) for name in _names(key))
    if motion is None or looks is None:
        return None
    tiling = sphere_tiling(_TILES, TILE_FOV)
    return Glance(
        times=motion.times,
        motion=np.asarray(motion.branches["motion"]),
        change=np.asarray(motion.branches["change"]),
        looks=looks.times,
        categories=np.asarray(looks.branches["categories"]),
        directions=tiling.directions,
        weights=tiling.weights,
    )
