"""The branches through which a model sees a video.

- `fov` (T, 28): categories of the 120-degree front view, frame by frame.
- `panorama` (T, 28): categories of the whole frame, squeezed into one picture.
- `tiles` (T, N, 29): categories of the tiles that cover the sphere, and their motion.
- `sphere` (T, 4, 29): the tiles projected onto the spherical harmonics of the sound, in the sound's order (W,
  Y, Z, X). Turning the video turns it exactly as the same turn of the sound turns the sound.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

from audiospace.ambisonics.harmonics import harmonics_of
from audiospace.media import Frame, Frames
from audiospace.panorama import Tiling, perspective, sharp_height, sphere_tiling, views
from audiospace.vision.categories import CATEGORIES, category_posterior
from audiospace.vision.encoder import FrameEncoder
from audiospace.vision.features import Features
from audiospace.vision.motion import MotionMeter

TILE_FOV = math.radians(60.0)
FRONT_FOV = math.radians(120.0)
TILE_CHANNELS = len(CATEGORIES) + 1
_FRAMES_AT_ONCE = 8
_GREY = 127  # what the recogniser takes for zero


def useful_height(size: int) -> int:
    """Tell how tall the frames given to `extract` should be: more is averaged away, less is blurred.

    Args:
        size: The encoder's size, pixels.

    Returns:
        Rows of an equirectangular frame.
    """
    return sharp_height(TILE_FOV, size)


def moments(tile_features: npt.NDArray[np.float32], tiling: Tiling) -> npt.NDArray[np.float32]:
    """Project features of tiles onto the first-order spherical harmonics: visual ambisonics.

    F_W = sum w f, F_Y = sum w f y, F_Z = sum w f z, F_X = sum w f x over tiles with directions (x, y, z) and
    area weights w.

    Args:
        tile_features: Features of each tile, shape (T, N, C).
        tiling: The N tiles.

    Returns:
        Moments in AmbiX order (W, Y, Z, X), shape (T, 4, C).
    """
    gains = harmonics_of(tiling.directions) * tiling.weights[:, None]
    projected: npt.NDArray[np.float64] = np.einsum("nk,tnc->tkc", gains, tile_features)
    return projected.astype(np.float32)


def extract(
    frames: Frames | Iterable[Frame],
    encoder: FrameEncoder,
    *,
    tile_count: int = 24,
    on_progress: Callable[[int], None] | None = None,
) -> Features:
    """Look at a video. Memory does not grow with its length, but for the features themselves.

    Args:
        frames: Equirectangular frames with their times, all at once or one by one; `useful_height` tells how
            tall.
        encoder: A recogniser of the 1000 ImageNet classes.
        tile_count: Number of tiles that cover the sphere.
        on_progress: Called after every few frames with the number of frames done.

    Returns:
        Features with the branches `fov`, `panorama`, `sphere` and `tiles`.

    Raises:
        ValueError: If there are no frames, or the encoder names something else than the ImageNet classes.
    """
    tiling = sphere_tiling(tile_count, TILE_FOV, encoder.size)
    meter = MotionMeter(tiling)
    parts = []
    done = 0
    for batch in _batches(frames):
        parts.append(_look(batch, encoder, tiling, meter))
        done += len(batch.times)
        if on_progress is not None:
            on_progress(done)
    if not parts:
        raise ValueError("no frames to look at")
    return Features.concatenate(parts)


def _batches(frames: Frames | Iterable[Frame]) -> Iterator[Frames]:
    if isinstance(frames, Frames):
        frames = (Frame(float(time), image) for time, image in zip(frames.times, frames.images, strict=True))
    remaining = iter(frames)
    while batch := list(itertools.islice(remaining, _FRAMES_AT_ONCE)):
        yield Frames(np.stack([frame.image for frame in batch]), np.array([frame.time for frame in batch]))


def _look(batch: Frames, encoder: FrameEncoder, tiling: Tiling, meter: MotionMeter) -> Features:
    count = len(batch.times)
    size = encoder.size
    tiles = views(batch.images, tiling).reshape(-1, size, size, 3)
    front = perspective(batch.images, 0.0, 0.0, fov=FRONT_FOV, height=size, width=size)
    whole = np.stack([_letterbox(image, size) for image in batch.images])
    seen = category_posterior(encoder.encode(np.concatenate([tiles, front, whole])))
    kinds = seen[: len(tiles)].reshape(count, tiling.count, -1)
    motion = meter.measure(batch.images, batch.times)
    tile_features = np.concatenate([kinds, motion[..., None]], axis=-1)
    branches = {
        "fov": seen[len(tiles) : len(tiles) + count],
        "panorama": seen[len(tiles) + count :],
        "sphere": moments(tile_features, tiling),
        "tiles": tile_features,
    }
    return Features(encoder.id, batch.times, branches)


def _letterbox(image: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Fit a whole picture into a square, with grey above and below."""
    rows = max(1, min(size, round(size * image.shape[0] / image.shape[1])))
    square = np.full((size, size, 3), _GREY, dtype=np.uint8)
    top = (size - rows) // 2
    square[top : top + rows] = cv2.resize(image, (size, rows), interpolation=cv2.INTER_AREA)
    return square
