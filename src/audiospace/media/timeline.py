"""When a stream's pictures are shown: exact start, end and regularity, from its packets."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from audiospace.errors import UserError
from audiospace.media.opening import open_media

# A stream that ends this much before its container says (seconds, and share of the length) was cut off.
_MISSING_SECONDS = 0.5
_MISSING_SHARE = 0.05
# Containers that state their length; others leave FFmpeg to guess it.
_STATES_LENGTH = frozenset({"mp4", "matroska"})


@dataclass(frozen=True)
class Timeline:
    """The time axis of a video stream.

    Attributes:
        start: Presentation time of the first picture in seconds, on the container's clock.
        duration: Seconds from the start of the first picture to the end of the last.
        packets: Number of packets that are presented.
        variable_rate: Whether the gaps between pictures differ by more than rounding.
    """

    start: Fraction
    duration: Fraction
    packets: int
    variable_rate: bool


def read_timeline(path: str | Path) -> Timeline:
    """Scan the packets of the first video stream; nothing is decoded.

    Args:
        path: A video file.

    Returns:
        Its time axis.

    Raises:
        UserError: The file cannot be read, has no video stream, holds no pictures or is truncated.
    """
    with open_media(path) as container:
        return scan_timeline(container, first_video(container, path), path)


def first_video(container: InputContainer, path: str | Path) -> VideoStream:
    """The first video stream that is a film and not a cover picture.

    Args:
        container: An open file.
        path: Its name, for the message.

    Returns:
        The stream.

    Raises:
        UserError: There is none.
    """
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            return stream
    what = "holds sound but no video stream" if container.streams.audio else "has no video stream"
    raise UserError(what, file=path, remedy="Give a 360 video file")


def scan_timeline(container: InputContainer, stream: VideoStream, path: str | Path) -> Timeline:
    """Demux the whole stream from its beginning and work out its time axis.

    Args:
        container: The open file, at its beginning.
        stream: The video stream in it.
        path: Its name, for the message.

    Returns:
        The time axis.

    Raises:
        UserError: The stream holds no pictures or ends long before the container says.
    """
    times: list[int] = []
    ends: list[int] = []
    latest = Fraction(0)
    for packet in container.demux():
        time = packet.pts if packet.pts is not None else packet.dts
        if packet.size == 0 or packet.is_discard or time is None:
            continue
        end = time + (packet.duration or 0)
        latest = max(latest, end * (packet.time_base or Fraction(0)))
        if packet.stream is stream:
            times.append(time)
            ends.append(end)
    if not times or stream.time_base is None:
        raise UserError("holds no pictures", file=path, remedy="Check that the file is complete")
    times.sort()
    start, last = times[0], times[-1]
    end = max(ends)
    if end <= last:
        end = last + _last_length(times, stream)
    timeline = Timeline(
        start=start * stream.time_base,
        duration=(end - start) * stream.time_base,
        packets=len(times),
        variable_rate=_is_variable(times, stream.time_base),
    )
    _check_whole(container, stream, timeline, latest, path)
    return timeline


def _last_length(times: list[int], stream: VideoStream) -> int:
    """How long the last picture is shown, in ticks, when its packet does not say."""
    if len(times) > 1:
        return max(1, round((times[-1] - times[0]) / (len(times) - 1)))
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    return max(1, round(1 / (rate * (stream.time_base or Fraction(1)))))


def _is_variable(times: list[int], time_base: Fraction) -> bool:
    """Whether gaps spread by more than a tenth of the usual gap and two ticks of the clock."""
    gaps = sorted(b - a for a, b in pairwise(times))
    if len(gaps) < 2:
        return False
    usual = gaps[len(gaps) // 2]
    tolerance = max(2, usual // 10, round(Fraction(2, 1000) / time_base))
    odd = sum(abs(gap - usual) > tolerance for gap in gaps)
    return odd > max(1, len(gaps) // 50)


def _check_whole(
    container: InputContainer, stream: VideoStream, timeline: Timeline, latest: Fraction, path: str | Path
) -> None:
    """Raise when a file ends long before it says it does, in the pictures or in all its streams."""
    if not _STATES_LENGTH & set(container.format.name.split(",")):
        return
    stated, found = Fraction(0), timeline.duration
    if stream.duration is not None and stream.time_base is not None:
        stated = stream.duration * stream.time_base
    elif container.duration is not None:
        stated, found = Fraction(container.duration, av.time_base), latest
    missing = float(stated - found)
    if missing > max(_MISSING_SECONDS, _MISSING_SHARE * stated):
        raise UserError(
            f"is truncated: it stops {missing:.1f} s before its stated end",
            file=path,
            remedy="Fetch or export the video again",
        )
