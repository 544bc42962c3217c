"""Pictures from a video by timestamp: at any rate and size, without frames on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media.detection import detect_layout
from audiospace.media.on_screen import decode_pictures, on_screen, one_view
from audiospace.media.opening import open_media
from audiospace.media.timeline import first_video, read_timeline

# Seeking pays only when it skips more than this many seconds.
_SEEK_SECONDS = 2.0


@dataclass(frozen=True)
class Frame:
    """One picture.

    Attributes:
        time: When it is sampled, in seconds from the first picture of the video.
        image: Shape (height, width, 3), uint8, RGB.
    """

    time: float
    image: NDArray[np.uint8]


@dataclass(frozen=True)
class Frames:
    """Pictures with their times.

    Attributes:
        images: Shape (time, height, width, 3), uint8, RGB.
        times: Shape (time,), seconds from the first picture of the video.
    """

    images: NDArray[np.uint8]
    times: NDArray[np.float64]


def video_duration(path: str | Path) -> float:
    """Length of the video stream.

    Args:
        path: A video file.

    Returns:
        Seconds from the start of the first picture to the end of the last one.

    Raises:
        UserError: The file cannot be read, has no video stream or is truncated.
    """
    return float(read_timeline(path).duration)


def read_frames(
    path: str | Path,
    *,
    frames_per_second: float,
    height: int | None = None,
    width: int | None = None,
    start: float = 0.0,
    duration: float | None = None,
    eye: bool = True,
) -> Iterator[Frame]:
    """Sample a video at a chosen rate by timestamp, one picture at a time.

    Picture k is the one that is on screen at ``start + (k + 0.5) / frames_per_second``, whatever the
    rate of the source, constant or not. There are ``round(duration * frames_per_second)`` of them, at
    least one.

    Args:
        path: A video file.
        frames_per_second: Rate of the pictures to give, above 0.
        height: Pixels of the output; by default, or with only a width, as in the source.
        width: Pixels of the output; by default, or with only a height, as in the source.
        start: Seconds from the first picture at which to begin, >= 0.
        duration: Seconds to read; by default to the end of the video.
        eye: Of a stereoscopic video, give the left eye's view only (the size is that of the view).

    Yields:
        Pictures in order of time.

    Raises:
        UserError: The file cannot be read or decoded, has no video stream or is truncated, or
            ``start`` is not inside the video.
    """
    if frames_per_second <= 0:
        raise ValueError(f"{frames_per_second=} must be above 0")
    timeline = read_timeline(path)
    available = float(timeline.duration) - start
    if start < 0 or available <= 0:
        raise UserError(f"{start} s is not inside the video of {float(timeline.duration):.2f} s", file=path)
    seconds = available if duration is None else min(duration, available)
    count = max(1, round(seconds * frames_per_second))
    times = [start + (k + 0.5) / frames_per_second for k in range(count)]
    with open_media(path) as container:
        stream = first_video(container, path)
        stream.thread_type = "AUTO"
        stereo = detect_layout(path, stream.width, stream.height).stereo if eye else "mono"
        if start > _SEEK_SECONDS:
            place = int((timeline.start + Fraction(start)) / (stream.time_base or Fraction(1, 1000)))
            container.seek(place, stream=stream, backward=True)
        shown = decode_pictures(container, stream, timeline.start)
        for time, picture in on_screen(shown, times, path):
            yield Frame(time, one_view(picture, height=height, width=width, stereo=stereo))


def load_frames(
    path: str | Path,
    *,
    frames_per_second: float,
    height: int | None = None,
    width: int | None = None,
    start: float = 0.0,
    duration: float | None = None,
    eye: bool = True,
) -> Frames:
    """Sample a video as ``read_frames`` does, into one array.

    Args:
        path: A video file.
        frames_per_second: Rate of the pictures to give, above 0.
        height: Pixels of the output; by default, or with only a width, as in the source.
        width: Pixels of the output; by default, or with only a height, as in the source.
        start: Seconds from the first picture at which to begin, >= 0.
        duration: Seconds to read; by default to the end of the video.
        eye: Of a stereoscopic video, give the left eye's view only.

    Returns:
        All pictures and their times.

    Raises:
        UserError: As in ``read_frames``.
    """
    frames = list(
        read_frames(
            path,
            frames_per_second=frames_per_second,
            height=height,
            width=width,
            start=start,
            duration=duration,
            eye=eye,
        )
    )
    return Frames(np.stack([frame.image for frame in frames]), np.array([frame.time for frame in frames]))
