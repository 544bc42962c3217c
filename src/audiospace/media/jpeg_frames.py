"""Pictures of a video as FFmpeg writes them to JPEG files, loss included, without the files."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation
from av.video.stream import VideoStream
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media.detection import detect_layout
from audiospace.media.layout import first_eye
from audiospace.media.opening import open_media
from audiospace.media.timeline import first_video
from audiospace.media.video import Frame


def read_jpeg_frames(path: str | Path, *, frames_per_second: float) -> Iterator[Frame]:
    """Give what ``ffmpeg -i VIDEO -vf fps=RATE %04d.jpg`` writes, one picture at a time.

    The choice of pictures is that of FFmpeg's ``fps`` filter: picture k is the last one whose time, rounded
    to the nearest tick of the new rate, is k or less, on a clock that starts with the file's first stream.
    The loss is that of FFmpeg's MJPEG encoder with its default rate control, 200 kb/s: within about a second
    it arrives at its worst quality and stays there. Quality therefore depends on the pictures before.
    Colour is coded at half the resolution (4:2:0), as in nearly all video.

    Args:
        path: A video file.
        frames_per_second: Rate of the pictures, above 0.

    Yields:
        Pictures of the size of the video (of the left eye's view, if it is stereoscopic) in order of time.

    Raises:
        UserError: The file cannot be read or decoded or has no video stream.
    """
    if frames_per_second <= 0:
        raise ValueError(f"{frames_per_second=} must be above 0")
    rate = Fraction(frames_per_second).limit_denominator(1000)
    count = 0
    with open_media(path) as container:
        stream = first_video(container, path)
        stream.thread_type = "AUTO"
        stereo = detect_layout(path, stream.width, stream.height).stereo
        for picture in _recompressed(_at_rate(container, stream, rate), rate):
            yield Frame(float(count / rate), np.ascontiguousarray(first_eye(picture, stereo)))
            count += 1
    if count == 0:
        raise UserError(f"is too short for a picture at {rate} a second, or damaged", file=path)


def _at_rate(container: InputContainer, stream: VideoStream, rate: Fraction) -> Iterator[VideoFrame]:
    """Pass decoded pictures through FFmpeg's own filter; a late first picture is shown from the beginning."""
    graph = Graph()
    source = graph.add_buffer(template=stream)
    fps = graph.add("fps", f"fps={rate}:start_time=0")
    sink = graph.add("buffersink")
    source.link_to(fps)
    fps.link_to(sink)
    graph.configure()
    origin = Fraction(container.start_time or 0, av.time_base)
    for picture in container.decode(stream):
        if picture.pts is None or picture.time_base is None:
            continue
        picture.pts -= round(origin / picture.time_base)
        graph.vpush(picture)
        yield from _ready(graph)
    graph.vpush(None)
    yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[VideoFrame]:
    """What the filter can give by now."""
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _recompressed(pictures: Iterator[VideoFrame], rate: Fraction) -> Iterator[NDArray[np.uint8]]:
    """Encode one after the other, since the encoder's quality depends on what it has spent; decode again."""
    encoder: VideoCodecContext | None = None
    for index, picture in enumerate(pictures):
        converted = picture.reformat(
            format="yuvj420p", dst_color_range=ColorRange.JPEG, interpolation=Interpolation.BICUBIC
        )
        if encoder is None:
            encoder = _encoder(converted, rate)
        converted.pts, converted.time_base = index, 1 / rate
        for packet in encoder.encode(converted):
            yield _decoded(np.frombuffer(bytes(packet), dtype=np.uint8))


def _encoder(picture: VideoFrame, rate: Fraction) -> VideoCodecContext:
    """FFmpeg's encoder as its command line sets it up; one thread, since slices cost bits and so quality."""
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "yuvj420p"
    encoder.time_base, encoder.framerate = 1 / rate, rate
    encoder.thread_count = 1
    encoder.options = {"huffman": "optimal"}
    return encoder


def _decoded(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)[..., ::-1]
