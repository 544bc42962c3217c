"""Pictures from a video by timestamp: at any rate and size, without frames on disk."""

from collections.abc import Iterator
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
from audiospace.media.detection import detect_layout
from audiospace.media.layout import StereoLayout, first_eye
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
        layout = detect_layout(path, stream.width, stream.height).stereo if eye else "mono"
        shape = _Shape(height, width, layout)
        shown = _decode_from(container, stream, timeline.start, start)
        for time, picture in _pick(shown, times, path):
            yield Frame(time, shape.apply(picture))


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


@dataclass(frozen=True)
class _Shape:
    """Turns a decoded picture into an RGB array of the size asked for."""

    height: int | None
    width: int | None
    layout: StereoLayout

    def apply(self, picture: VideoFrame) -> NDArray[np.uint8]:
        across = 2 if self.layout == "left-right" else 1
        down = 2 if self.layout == "top-bottom" else 1
        eye_height, eye_width = picture.height // down, picture.width // across
        height, width = self.height, self.width
        if height is None:
            height = eye_height if width is None else round(width * eye_height / eye_width)
        if width is None:
            width = eye_width if self.height is None else round(height * eye_width / eye_height)
        shrinks = height < eye_height
        converted = picture.reformat(
            width=width * across,
            height=height * down,
            format="rgb24",
            interpolation=Interpolation.AREA if shrinks else Interpolation.BICUBIC,
        )
        image = np.asarray(converted.to_ndarray(), dtype=np.uint8)
        return np.ascontiguousarray(first_eye(image, self.layout))


def _decode_from(
    container: InputContainer, stream: VideoStream, origin: Fraction, start: float
) -> Iterator[tuple[float, VideoFrame]]:
    """Decoded pictures with their times from the first picture of the video (seconds)."""
    time_base = stream.time_base or Fraction(1, 1000)
    if start > _SEEK_SECONDS:
        container.seek(int((origin + Fraction(start)) / time_base), stream=stream, backward=True)
    previous = 0.0
    for picture in container.decode(stream):
        if picture.pts is not None:
            previous = float(picture.pts * time_base - origin)
        yield previous, picture


def _pick(
    shown: Iterator[tuple[float, VideoFrame]], times: list[float], path: str | Path
) -> Iterator[tuple[float, VideoFrame]]:
    """For each time, the picture on screen: the last one that began at or before it."""
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
