"""The branches through which the published model sees a video.

- `panorama` (T, D): the frame, padded to a square with black.
- `fov` (T, D): its 120-degree front view.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np

from audiospace.media import Frame
from audiospace.vision.encoder import FrameEncoder
from audiospace.vision.features import Features
from audiospace.vision.published_views import Image, direct_views, published_views

Preprocessing = Literal["direct", "published"]
"""Whether pictures go straight into the encoder, or through JPEG files as the authors' did."""

_VIEWS: Mapping[Preprocessing, Callable[[Image, int], tuple[Image, Image]]] = {
    "direct": direct_views,
    "published": published_views,
}
_FRAMES_AT_ONCE = 4


def extract_published(
    frames: Iterable[Frame],
    encoder: FrameEncoder,
    *,
    preprocessing: Preprocessing = "direct",
    frames_at_once: int = _FRAMES_AT_ONCE,
    on_progress: Callable[[int], None] | None = None,
) -> Features:
    """Look at a video as the published model does. Memory does not grow with the video's length.

    Both branches of a frame are encoded in the same batch.

    Args:
        frames: Equirectangular frames in their own proportions, one by one.
        encoder: Anything that embeds pictures; the published model reads `MetaCLIP`.
        preprocessing: Whether the front view goes through a JPEG file, as the frames are then to have done.
        frames_at_once: Frames whose views are encoded together, two for each.
        on_progress: Called after every few frames with the number of frames done.

    Returns:
        Features with the branches `fov` and `panorama`.

    Raises:
        ValueError: If there are no frames.
    """
    look = _VIEWS[preprocessing]
    seen = ((frame.time, look(frame.image, encoder.size)) for frame in frames)
    parts = []
    done = 0
    while batch := list(itertools.islice(seen, frames_at_once)):
        parts.append(_encode(batch, encoder))
        done += len(batch)
        if on_progress is not None:
            on_progress(done)
    if not parts:
        raise ValueError("no frames to look at")
    return Features.concatenate(parts)


def _encode(batch: list[tuple[float, tuple[Image, Image]]], encoder: FrameEncoder) -> Features:
    panoramas, fronts = zip(*(views for _, views in batch), strict=True)
    embeddings = encoder.encode(np.stack([*panoramas, *fronts]))
    branches = {"panorama": embeddings[: len(batch)], "fov": embeddings[len(batch) :]}
    return Features(encoder.id, np.array([time for time, _ in batch]), branches)
