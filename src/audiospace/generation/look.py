"""From a video file to what the model is told of it: equirectangular frames, and features of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

from audiospace.ambisonics import rotation_matrix
from audiospace.errors import UserError
from audiospace.media import Frame, Layout, MediaInfo, read_frames
from audiospace.models import FeatureConfig
from audiospace.panorama import eac_to_erp, rotate
from audiospace.vision import (
    EfficientNetLite0,
    FeatureCache,
    Features,
    FrameEncoder,
    extract,
    feature_key,
    useful_height,
)

ENCODERS: dict[str, type[FrameEncoder]] = {EfficientNetLite0.id: EfficientNetLite0}
"""Frame encoders by the name that a model's configuration has for them."""

DEFAULT_TILES = 24
"""Tiles that are looked at where the model does not mind how many."""


def panoramic_frames(
    video: Path, layout: Layout, *, frames_per_second: float, height: int, yaw: float = 0.0
) -> Iterator[Frame]:
    """Read a 360 video as equirectangular frames of one eye, whatever its projection.

    Args:
        video: The file.
        layout: Its layout, with a projection.
        frames_per_second: Rate of the frames.
        height: Rows; there are twice as many columns.
        yaw: Radians by which the scene is turned to the left.

    Yields:
        Frames in order of time, each of shape (height, 2 height, 3).

    Raises:
        UserError: The file cannot be read.
    """
    cubes = layout.projection == "eac"
    turn = rotation_matrix(yaw)
    rows, columns = (None, None) if cubes else (height, 2 * height)
    for frame in read_frames(video, frames_per_second=frames_per_second, height=rows, width=columns):
        image = eac_to_erp(frame.image, height) if cubes else frame.image
        yield Frame(frame.time, rotate(image, turn) if yaw else image)


def counted(frames: Iterator[Frame], count: int, advance: Callable[[int, int], None]) -> Iterator[Frame]:
    """Pass frames on and say how many have been.

    Args:
        frames: Any frames.
        count: How many there will be.
        advance: Called after each with the number so far and `count`.

    Yields:
        The same frames.
    """
    for index, frame in enumerate(frames):
        yield frame
        advance(index + 1, count)


def look(
    info: MediaInfo,
    layout: Layout,
    config: FeatureConfig,
    *,
    yaw: float = 0.0,
    advance: Callable[[int, int], None],
) -> Features:
    """Extract the features that a model reads, or find those of an earlier run.

    Args:
        info: What the video file holds.
        layout: Its layout, with a projection.
        config: What the model reads.
        yaw: Radians by which the scene is turned to the left first.
        advance: Called with the frames seen so far and their number.

    Returns:
        Features of the whole video.

    Raises:
        UserError: The file cannot be read, or the model needs an encoder that is not here.
    """
    if config.encoder not in ENCODERS:
        raise UserError(
            f"the model needs the frame encoder {config.encoder!r}",
            remedy=f"This version has {', '.join(ENCODERS)}; use another model",
        )
    tiles = config.tile_count or DEFAULT_TILES
    cache = FeatureCache()
    key = feature_key(
        info.path,
        encoder=config.encoder,
        frames_per_second=config.frames_per_second,
        tiles=tiles,
        projection=layout.projection,
        stereo=layout.stereo,
        yaw=yaw,
    )
    found = cache.get(key)
    if found is not None:
        return found
    encoder = ENCODERS[config.encoder]()
    count = max(1, round(info.duration * config.frames_per_second))
    frames = panoramic_frames(
        info.path,
        layout,
        frames_per_second=config.frames_per_second,
        height=useful_height(encoder.size),
        yaw=yaw,
    )
    features = extract(frames, encoder, tile_count=tiles, on_progress=lambda done: advance(done, count))
    cache.put(key, features)
    return features
