"""The decoded picture that is on screen at a time, and the size and the eye it is wanted in."""

from collections.abc import Iterable, Iterator
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

_DOWN: dict[StereoLayout, int] = {"mono": 1, "top-bottom": 2, "left-right": 1}
_ACROSS: dict[StereoLayout, int] = {"mono": 1, "top-bottom": 1, "left-right": 2}


def decode_pictures(
    container: InputContainer, stream: VideoStream, origin: Fraction
) -> Iterator[tuple[float, VideoFrame]]:
    """Decode from where the container stands to the end.

    Args:
        container: An open video file.
        stream: Its pictures.
        origin: When the first picture of the video is shown, seconds on the container's clock.

    Yields:
        When a picture begins, seconds from the first picture of the video, and the picture; one without a
        time of its own has that of the one before.
    """
    time_base = stream.time_base or Fraction(1, 1000)
    begins = 0.0
    for picture in container.decode(stream):
        if picture.pts is not None:
            begins = float(picture.pts * time_base - origin)
        yield begins, picture


def on_screen(
    shown: Iterator[tuple[float, VideoFrame]], times: Iterable[float], path: str | Path
) -> Iterator[tuple[float, VideoFrame]]:
    """For each time, find the picture on screen: the last one that began at or before it.

    Args:
        shown: What `decode_pictures` gives. After the last time nothing more is taken from it.
        times: Seconds from the first picture of the video, not decreasing.
        path: Of the video, for the error.

    Yields:
        Each time with its picture: the first one for times before it, the last one for times after the end.

    Raises:
        UserError: There is no picture.
    """
    current: VideoFrame | None = None
    wanted = iter(times)
    time = next(wanted, None)
    for begins, picture in shown:
        while time is not None and current is not None and time < begins:
            yield time, current
            time = next(wanted, None)
        if time is None:
            return
        current = picture
    if current is None:
        raise UserError("no picture of it can be decoded", file=path)
    while time is not None:
        yield time, current
        time = next(wanted, None)


def one_view(
    picture: VideoFrame, *, height: int | None, width: int | None, stereo: StereoLayout
) -> NDArray[np.uint8]:
    """Turn a decoded picture into an array of the size that is wanted.

    Args:
        picture: With the views of one or both eyes.
        height: Pixels of the view; None for its own height, or with a width for its own proportions.
        width: Pixels of the view; None for its own width, or with a height for its own proportions.
        stereo: Where the left eye's view is, which is what is given.

    Returns:
        Shape (height, width, 3), uint8, RGB.
    """
    down, across = _DOWN[stereo], _ACROSS[stereo]
    own_height, own_width = picture.height // down, picture.width // across
    rows = height or (own_height if width is None else round(width * own_height / own_width))
    columns = width or (own_width if height is None else round(height * own_width / own_height))
    converted = picture.reformat(
        width=columns * across,
        height=rows * down,
        format="rgb24",
        interpolation=Interpolation.AREA if rows < own_height else Interpolation.BICUBIC,
    )
    image = np.asarray(converted.to_ndarray(), dtype=np.uint8)
    return np.ascontiguousarray(first_eye(image, stereo))
