"""Pictures of a video in several sizes, from decoding it once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media.layout import StereoLayout, first_eye
from audiospace.media.opening import open_media
from audiospace.media.timeline import first_video
from audiospace.media.video import Frame

_DOWN: dict[StereoLayout, int] = {"mono": 1, "top-bottom": 2, "left-right": 1}
_ACROSS: dict[StereoLayout, int] = {"mono": 1, "top-bottom": 1, "left-right": 2}


@dataclass(frozen=True)
class SizedTime:
    """One picture that is wanted.

    Attributes:
        time: Seconds from the first picture of the video.
        height: Pixels, of one eye's view; None for the video's own size.
        width: Pixels, of one eye's view; None for the video's own size.
    """

    time: float
    height: int | None = None
    width: int | None = None


def read_sized_frames(
    path: str | Path, wanted: Iterable[SizedTime], *, start: float, stereo: StereoLayout = "mono"
) -> Iterator[Frame]:
    """Decode a video once and give the pictures on screen at given times, each in its own size.

    Args:
        path: A video file.
        wanted: What to give; times do not decrease. After the last one nothing more is decoded.
        start: When the first picture is shown, seconds on the container's clock, as `probe` finds it.
        stereo: Where the left eye's view is, which is what is given.

    Yields:
        One frame for each that is wanted, in order; the last picture also for times after the end.

    Raises:
        UserError: The file cannot be read or decoded or has no video stream.
    """
    remaining = iter(wanted)
    sought = next(remaining, None)
    with open_media(path) as container:
        stream = first_video(container, path)
        stream.thread_type = "AUTO"
        current: VideoFrame | None = None
        for begins, picture in _decode(container, stream, start):
            while sought is not None and current is not None and sought.time < begins:
                yield Frame(sought.time, _image(current, sought, stereo))
                sought = next(remaining, None)
            if sought is None:
                return
            current = picture
        if current is None:
            raise UserError("no picture of it can be decoded", file=path)
        while sought is not None:
            yield Frame(sought.time, _image(current, sought, stereo))
            sought = next(remaining, None)


def _decode(
    container: InputContainer, stream: VideoStream, start: float
) -> Iterator[tuple[float, VideoFrame]]:
    time_base = float(stream.time_base or Fraction(1, 1000))
    begins = 0.0
    for picture in container.decode(stream):
        if picture.pts is not None:
            begins = picture.pts * time_base - start
        yield begins, picture


def _image(picture: VideoFrame, wanted: SizedTime, stereo: StereoLayout) -> NDArray[np.uint8]:
    height = picture.height if wanted.height is None else wanted.height * _DOWN[stereo]
    width = picture.width if wanted.width is None else wanted.width * _ACROSS[stereo]
    kernel = Interpolation.AREA if height < picture.height else Interpolation.BICUBIC
    converted = picture.reformat(width=width, height=height, format="rgb24", interpolation=kernel)
    image = np.asarray(converted.to_ndarray(), dtype=np.uint8)
    return np.ascontiguousarray(first_eye(image, stereo))
