"""The branches through which a model sees a video.

- `fov` (T, 28): categories of the 120-degree front view, frame by frame.
- `panorama` (T, 28): categories of the whole frame, squeezed into one picture.
- `eac` (T, 28), only when asked for: categories of the whole frame laid out as an equi-angular cubemap of
  three by two faces, squeezed into one picture.
- `tiles` (T, N, 29): categories of the tiles that cover the sphere, and their motion.
- `sphere` (T, 4, 29): the tiles projected onto the spherical harmonics of the sound, in the sound's order (W,
  Y, Z, X). Turning the video turns it exactly as the same turn of the sound turns the sound.
"""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

from audiospace.ambisonics.harmonics import harmonics_of
from audiospace.media import Frame, Frames
from audiospace.panorama import Tiling, erp_to_eac, perspective, sharp_height, sphere_tiling, views
from audiospace.vision.categories import CATEGORIES, category_posterior
from audiospace.vision.encoder import FrameEncoder
from audiospace.vision.features import Features
from audiospace.vision.motion import MotionMeter

TILE_FOV = math.radians(60.0)
FRONT_FOV = math.radians(120.0)
TILE_CHANNELS = len(CATEGORIES) + 1
BRANCHES = ("fov", "panorama", "sphere", "tiles")
"""What `extract` gives unless told otherwise."""
CUBEMAP = "eac"
ALL_BRANCHES = (*BRANCHES, CUBEMAP)
"""What `extract` can give."""
_FRAMES_AT_ONCE = 8
_GREY = 127  # what the recogniser takes for zero
_EAC_DETAIL = 2

Pictures = npt.NDArray[np.uint8]


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
    branches: Collection[str] = BRANCHES,
    on_progress: Callable[[int], None] | None = None,
) -> Features:
    """Look at a video. Memory does not grow with its length, but for the features themselves.

    Args:
        frames: Equirectangular frames with their times, all at once or one by one; `useful_height` tells how
            tall.
        encoder: A recogniser of the 1000 ImageNet classes.
        tile_count: Number of tiles that cover the sphere.
        branches: Which of `ALL_BRANCHES` to give. One picture a frame is recognised for each of `fov`,
            `panorama` and `eac`, and one per tile for `sphere` and `tiles` together.
        on_progress: Called after every few frames with the number of frames done.

    Returns:
        Features with the branches asked for.

    Raises:
        ValueError: If there are no frames, a branch is unknown or none is asked for, or the encoder names
            something else than the ImageNet classes.
    """
    if not branches or not set(branches) <= set(ALL_BRANCHES):
        raise ValueError(f"branches are some of {ALL_BRANCHES}, got {tuple(branches)}")
    tiling = sphere_tiling(tile_count, TILE_FOV, encoder.size)
    meter = MotionMeter(tiling)
    parts = []
    done = 0
    for batch in _batches(frames):
        parts.append(_look(batch, encoder, tiling, meter, branches))
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


def _look(
    batch: Frames, encoder: FrameEncoder, tiling: Tiling, meter: MotionMeter, branches: Collection[str]
) -> Features:
    count = len(batch.times)
    pictures = {
        name: cut(batch.images, encoder.size) for name, cut in _SINGLE_VIEWS.items() if name in branches
    }
    tiled = "sphere" in branches or "tiles" in branches
    if tiled:
        pictures["tiles"] = views(batch.images, tiling).reshape(-1, encoder.size, encoder.size, 3)
    seen = category_posterior(encoder.encode(np.concatenate(list(pictures.values()))))
    ends = np.cumsum([len(group) for group in pictures.values()])
    found = dict(zip(pictures, np.split(seen, ends[:-1]), strict=True))
    if tiled:
        kinds = found["tiles"].reshape(count, tiling.count, -1)
        motion = meter.measure(batch.images, batch.times)
        found["tiles"] = np.concatenate([kinds, motion[..., None]], axis=-1)
        found["sphere"] = moments(found["tiles"], tiling)
    return Features(encoder.id, batch.times, {name: found[name] for name in ALL_BRANCHES if name in branches})


def _front(images: Pictures, size: int) -> Pictures:
    return perspective(images, 0.0, 0.0, fov=FRONT_FOV, height=size, width=size)


def _panorama(images: Pictures, size: int) -> Pictures:
    return np.stack([_letterbox(image, size) for image in images])


def _cubemap(images: Pictures, size: int) -> Pictures:
    """Three faces side by side fill the width of the square; drawn finer than that, they are averaged."""
    faces = erp_to_eac(images, -(-size // 3) * _EAC_DETAIL, padding=0, interpolation="linear")
    return np.stack([_letterbox(image, size) for image in faces])


def _letterbox(image: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Fit a whole picture into a square, with grey above and below."""
    rows = max(1, min(size, round(size * image.shape[0] / image.shape[1])))
    square = np.full((size, size, 3), _GREY, dtype=np.uint8)
    top = (size - rows) // 2
    square[top : top + rows] = cv2.resize(image, (size, rows), interpolation=cv2.INTER_AREA)
    return square


_SINGLE_VIEWS: dict[str, Callable[[Pictures, int], Pictures]] = {
    "fov": _front,
    "panorama": _panorama,
    CUBEMAP: _cubemap,
}
"""What makes the one picture of a frame, by branch."""
