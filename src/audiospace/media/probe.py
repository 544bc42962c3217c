"""Look into a media file: its streams, and whether and how it is a 360 video."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
from av.container import InputContainer

from audiospace.errors import UserError
from audiospace.media.detection import tagged_layout
from audiospace.media.inspection import inspect_layout
from audiospace.media.layout import Layout, Projection, StereoLayout
from audiospace.media.opening import open_media
from audiospace.media.spatial_metadata import read_spatial
from audiospace.media.spherical_tags import SpatialAudio
from audiospace.media.timeline import first_video, scan_timeline


@dataclass(frozen=True)
class VideoStream:
    """The pictures of a file.

    Attributes:
        width: Pixels.
        height: Pixels.
        codec: FFmpeg's name, such as ``vp9``.
        frame_rate: Pictures per second: the mean where it varies.
        frames: Number of packets shown.
        duration: Seconds from the start of the first picture to the end of the last.
        start: Seconds on the container's clock at which the first picture is shown.
        variable_rate: Whether the gaps between pictures differ.
    """

    width: int
    height: int
    codec: str
    frame_rate: float
    frames: int
    duration: float
    start: float
    variable_rate: bool


@dataclass(frozen=True)
class AudioStream:
    """One sound stream of a file.

    Attributes:
        channels: Number of channels.
        sample_rate: Hertz.
        codec: FFmpeg's name, such as ``opus``.
        layout: FFmpeg's name of the channel layout, such as ``4.0`` or ``ambisonic 1``.
    """

    channels: int
    sample_rate: int
    codec: str
    layout: str


@dataclass(frozen=True)
class MediaInfo:
    """What a media file holds.

    Attributes:
        path: The file.
        duration: Seconds: of the pictures if there are any, else of the container.
        video: The first video stream, if any.
        audio: All sound streams.
        projection: How the sphere is laid out in the picture; None when it does not look like 360.
        stereo: Where the left eye's view is.
        spatial_audio: What the file says about its sound being ambisonic, if anything.
        evidence: What projection and stereo layout were concluded from.
    """

    path: Path
    duration: float
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    projection: Projection | None
    stereo: StereoLayout
    spatial_audio: SpatialAudio | None
    evidence: str


def probe(path: str | Path) -> MediaInfo:
    """Find out what a file holds; at most a few pictures are decoded.

    Args:
        path: A video or sound file.

    Returns:
        Its streams and its 360 layout.

    Raises:
        UserError: The file cannot be read, is not media, or its video is truncated.
    """
    file = Path(path)
    with open_media(file) as container:
        sounds = tuple(
            AudioStream(
                channels=stream.codec_context.layout.nb_channels,
                sample_rate=stream.codec_context.sample_rate,
                codec=stream.codec_context.codec.canonical_name,
                layout=stream.codec_context.layout.name,
            )
            for stream in container.streams.audio
        )
        video = _probe_video(container, file) if container.streams.video else None
        stated = 0.0 if container.duration is None else container.duration / av.time_base
    spatial = read_spatial(file).audio
    if video is None:
        return MediaInfo(file, stated, None, sounds, None, "mono", spatial, "no video stream")
    layout = tagged_layout(file) or inspect_layout(file, video.width, video.height, video.duration)
    return MediaInfo(
        path=file,
        duration=video.duration,
        video=video,
        audio=sounds,
        projection=layout.projection,
        stereo=layout.stereo,
        spatial_audio=spatial,
        evidence=layout.evidence,
    )


def require_360(info: MediaInfo, projection: Literal["auto", "erp", "eac"] = "auto") -> Layout:
    """The layout of a 360 video, or a clear message why it is not one.

    Args:
        info: What ``probe`` found.
        projection: Trust the detection (``auto``), or the user who says what it is.

    Returns:
        The layout, with a projection.

    Raises:
        UserError: There is no video, or it does not look like 360 and the user does not say it is.
    """
    if info.video is None:
        what = "holds sound but no video stream" if info.audio else "has no video stream"
        raise UserError(what, file=info.path, remedy="Give a 360 video file")
    if projection != "auto":
        return Layout(projection, info.stereo, "as told")
    if info.projection is None:
        raise UserError(
            f"does not look like a 360 video ({info.evidence}, no spherical metadata)",
            file=info.path,
            remedy="If it is one all the same, name its projection: erp or eac",
        )
    return Layout(info.projection, info.stereo, info.evidence)


def _probe_video(container: InputContainer, file: Path) -> VideoStream | None:
    """The first video stream, if it is more than a cover picture."""
    if all(s.disposition & s.disposition.attached_pic for s in container.streams.video):
        return None
    stream = first_video(container, file)
    timeline = scan_timeline(container, stream, file)
    stated = stream.average_rate
    measured = timeline.packets / timeline.duration
    rate = measured if timeline.variable_rate or stated is None else stated
    return VideoStream(
        width=stream.width,
        height=stream.height,
        codec=stream.codec_context.codec.canonical_name,
        frame_rate=float(rate),
        frames=timeline.packets,
        duration=float(timeline.duration),
        start=float(timeline.start),
        variable_rate=timeline.variable_rate,
    )
