"""Judge whether a video without spherical metadata is 360: by its shape, else by looking at it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.media.cubemap_joins import measure_joins
from audiospace.media.layout import Layout, first_eye, layout_from_shape
from audiospace.media.video import read_frames
from audiospace.media.wraparound import measure_wraparound

# Panoramas are often squeezed into 16:9, cubemaps too; flat video mostly is 16:9.
_WIDE = 16 / 9
_WIDE_TOLERANCE = 0.03
_LOOKS = 4
_LOOK_HEIGHT = 540
_LOOK_SECONDS = 0.1


def inspect_layout(path: str | Path, width: int, height: int, duration: float) -> Layout:
    """Layout of a video without spherical metadata.

    A 2:1 video is taken for equirectangular. Square, 3:2 and 4:1 pictures, which flat video has too, are
    looked at and refused when they plainly are no sphere; 16:9 pictures are accepted only when they plainly
    are one.

    Args:
        path: A video file.
        width: Pixels of its pictures.
        height: Pixels of its pictures.
        duration: Its length in seconds.

    Returns:
        The layout; its projection is None when it does not look like 360.

    Raises:
        UserError: The pictures cannot be decoded.
    """
    guess = layout_from_shape(width, height)
    wide = abs(width / height / _WIDE - 1) < _WIDE_TOLERANCE
    if guess.projection is None and not wide:
        return guess
    if guess.projection == "erp" and guess.stereo == "mono":
        return guess
    size = f"{width}x{height} pictures"
    images = _look(path, duration)
    if guess.projection is None:
        if measure_wraparound(images).is_equirectangular:
            return Layout("erp", "mono", f"{size} whose left and right edges meet")
        if measure_joins(images).is_cubemap:
            return Layout("eac", "mono", f"{size} that join like the faces of a cube")
        return Layout(None, "mono", f"{size} whose edges do not meet as a sphere's do")
    if guess.projection == "eac":
        joins = measure_joins(images)
        refused = joins.is_visible and not joins.is_cubemap
    else:
        wrap = measure_wraparound(np.stack([first_eye(image, guess.stereo) for image in images]))
        refused = wrap.is_visible and not wrap.is_equirectangular
    return Layout(None, "mono", f"{size} whose edges do not meet as a sphere's do") if refused else guess


def _look(path: str | Path, duration: float) -> NDArray[np.uint8]:
    """A few pictures spread over a video, shape (time, height, width, 3)."""
    images = []
    for k in range(_LOOKS):
        start = duration * (k + 0.5) / _LOOKS
        part = read_frames(
            path,
            frames_per_second=1 / _LOOK_SECONDS,
            height=_LOOK_HEIGHT,
            start=max(0.0, min(start, duration - _LOOK_SECONDS)),
            duration=_LOOK_SECONDS,
            eye=False,
        )
        images.append(next(iter(part)).image)
    return np.stack(images)
