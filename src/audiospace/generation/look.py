"""From a video file to what the model is told of it: equirectangular frames, and features of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from audiospace.ambisonics import rotation_matrix
from audiospace.errors import UserError
from audiospace.kernels import Precision, supported_precisions
from audiospace.media import Frame, Layout, MediaInfo, read_frames, read_jpeg_frames
from audiospace.models import FeatureConfig
from audiospace.panorama import eac_to_erp, rotate
from audiospace.vision import (
    ALL_BRANCHES,
    BRANCHES,
    EfficientNetLite0,
    FeatureCache,
    Features,
    MetaCLIP,
    Preprocessing,
    extract,
    extract_published,
    feature_key,
    useful_height,
    weights_folder,
    weights_id,
)

DEFAULT_TILES = 24
"""Tiles that are looked at where the model does not mind how many."""

Setting = str | float | int | bool | None


@dataclass(frozen=True)
class Sight:
    """A video, and how it is to be looked at.

    Attributes:
        info: What the video file holds.
        layout: Its layout, with a projection.
        config: What the model reads.
        yaw: Radians by which the scene is turned to the left first.
        cubemap: Whether the branch `eac` is wanted too.
        preprocessing: How pictures reach the encoder.
        device: Where a large encoder computes.
        precision: Of a large encoder's matrix products.
    """

    info: MediaInfo
    layout: Layout
    config: FeatureConfig
    yaw: float
    cubemap: bool
    preprocessing: Preprocessing
    device: torch.device
    precision: Precision


@dataclass(frozen=True)
class Looker:
    """What an encoder's name stands for.

    Attributes:
        preprocessings: Those that it knows, the one that is taken when nothing is said first.
        settings: All that its features depend on, beside the video, its layout and the yaw.
        look: Makes the features, and calls back with the number of frames seen.
    """

    preprocessings: tuple[Preprocessing, ...]
    settings: Callable[[Sight], Mapping[str, Setting]]
    look: Callable[[Sight, Callable[[int], None]], Features]


def panoramic_frames(
    video: Path, layout: Layout, *, frames_per_second: float, height: int | None, yaw: float = 0.0
) -> Iterator[Frame]:
    """Read a 360 video as equirectangular frames of one eye, whatever its projection.

    Args:
        video: The file.
        layout: Its layout, with a projection.
        frames_per_second: Rate of the frames.
        height: Rows, with twice as many columns; None for the video's own size and proportions.
        yaw: Radians by which the scene is turned to the left.

    Yields:
        Frames in order of time, each of shape (height, 2 height, 3).

    Raises:
        UserError: The file cannot be read.
    """
    own_size = layout.projection == "eac" or height is None
    rows, columns = (None, None) if own_size or height is None else (height, 2 * height)
    frames = read_frames(video, frames_per_second=frames_per_second, height=rows, width=columns)
    yield from _unrolled(frames, layout, height, yaw)


def _unrolled(frames: Iterable[Frame], layout: Layout, height: int | None, yaw: float) -> Iterator[Frame]:
    """Bring frames as they are stored to the equirectangular projection, and turn them."""
    turn = rotation_matrix(yaw)
    for frame in frames:
        image = frame.image
        if layout.projection == "eac":
            image = eac_to_erp(image, height or len(image))
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
    cubemap: bool = False,
    preprocessing: Preprocessing | None = None,
    device: torch.device | str = "cpu",
    precision: Precision = "float32",
    advance: Callable[[int, int], None],
) -> Features:
    """Extract the features that a model reads, or find those of an earlier run.

    Args:
        info: What the video file holds.
        layout: Its layout, with a projection.
        config: What the model reads.
        yaw: Radians by which the scene is turned to the left first.
        cubemap: Whether to look at the whole frame as a cubemap too, one more picture a frame; the encoder of
            the published model does not.
        preprocessing: How pictures reach the encoder: "direct", or through JPEG files as the authors of the
            published model did it ("published"); None for what the model was trained with.
        device: Where a large encoder computes; the small one always computes on the CPU.
        precision: Of a large encoder's matrix products; where it is "int8" the encoder keeps more bits.
        advance: Called with the frames seen so far and their number.

    Returns:
        Features of the whole video.

    Raises:
        UserError: The file cannot be read, or the model needs an encoder that is not here or cannot be
            loaded.
    """
    looker = _looker(config.encoder)
    preprocessing = choose_preprocessing(config.encoder, preprocessing)
    sight = Sight(info, layout, config, yaw, cubemap, preprocessing, torch.device(device), precision)
    cache = FeatureCache()
    key = feature_key(
        info.path,
        encoder=config.encoder,
        frames_per_second=config.frames_per_second,
        projection=layout.projection,
        stereo=layout.stereo,
        yaw=yaw,
        **looker.settings(sight),
    )
    found = cache.get(key)
    if found is not None:
        return found
    count = max(1, round(info.duration * config.frames_per_second))
    features = looker.look(sight, lambda done: advance(min(done, count), count))
    cache.put(key, features)
    return features


def choose_preprocessing(encoder: str, wanted: Preprocessing | None) -> Preprocessing:
    """Settle how pictures reach an encoder.

    Args:
        encoder: Its name.
        wanted: What was asked for, if anything.

    Returns:
        That, or what models with this encoder were trained with.

    Raises:
        UserError: The encoder is not here, or does not know the preprocessing.
    """
    known = _looker(encoder).preprocessings
    if wanted is not None and wanted not in known:
        raise UserError(
            f"the frame encoder {encoder!r} has no preprocessing {wanted!r}",
            remedy=f"Use {', '.join(known)}",
        )
    return wanted or known[0]


def _looker(encoder: str) -> Looker:
    if encoder not in LOOKERS:
        raise UserError(
            f"the model needs the frame encoder {encoder!r}",
            remedy=f"This version has {', '.join(LOOKERS)}; use another model",
        )
    return LOOKERS[encoder]


def _tile_settings(sight: Sight) -> Mapping[str, Setting]:
    return {"tiles": sight.config.tile_count or DEFAULT_TILES} | ({"cubemap": True} if sight.cubemap else {})


def _look_at_tiles(sight: Sight, on_progress: Callable[[int], None]) -> Features:
    encoder = EfficientNetLite0()
    frames = panoramic_frames(
        sight.info.path,
        sight.layout,
        frames_per_second=sight.config.frames_per_second,
        height=useful_height(encoder.size),
        yaw=sight.yaw,
    )
    tiles = sight.config.tile_count or DEFAULT_TILES
    branches = ALL_BRANCHES if sight.cubemap else BRANCHES
    return extract(frames, encoder, tile_count=tiles, branches=branches, on_progress=on_progress)


def _metaclip_settings(sight: Sight) -> Mapping[str, Setting]:
    return {
        "preprocessing": sight.preprocessing,
        "precision": _metaclip_precision(sight),
        "weights": weights_id(),
    }


def _metaclip_precision(sight: Sight) -> Precision:
    """What was asked for, but 16 bits where that is 8: a few channels of such an encoder are far larger."""
    if sight.precision != "int8":
        return sight.precision
    return "bfloat16" if "bfloat16" in supported_precisions(sight.device) else "float32"


def _look_with_metaclip(sight: Sight, on_progress: Callable[[int], None]) -> Features:
    encoder = MetaCLIP(weights_folder(), device=sight.device, precision=_metaclip_precision(sight))
    return extract_published(
        _published_frames(sight),
        encoder,
        preprocessing=sight.preprocessing,
        frames_at_once=max(1, encoder.batch // 2),
        on_progress=on_progress,
    )


def _published_frames(sight: Sight) -> Iterator[Frame]:
    """Frames in the video's own size: the published model knows no other, and does not smooth its views."""
    rate = sight.config.frames_per_second
    if sight.preprocessing == "direct":
        return panoramic_frames(
            sight.info.path, sight.layout, frames_per_second=rate, height=None, yaw=sight.yaw
        )
    stored = read_jpeg_frames(sight.info.path, frames_per_second=rate)
    return _unrolled(stored, sight.layout, None, sight.yaw)


LOOKERS: Mapping[str, Looker] = {
    EfficientNetLite0.id: Looker(("direct",), _tile_settings, _look_at_tiles),
    MetaCLIP.id: Looker(("published", "direct"), _metaclip_settings, _look_with_metaclip),
}
"""How a video is looked at, by the name that a model's configuration has for its frame encoder."""
