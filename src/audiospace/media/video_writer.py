"""Write pictures and sound as an ordinary MP4: H.264 and AAC, one picture at a time."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from audiospace.media.atomic import scratch, writing
from audiospace.media.audio import encode_sound
from audiospace.media.sound import Sound, held
from audiospace.media.spatial_metadata import tag_movie
from audiospace.media.spherical_tags import SpatialTags, SphericalVideo

_AAC_LAYOUTS = {1: "mono", 2: "stereo", 4: "4.0"}
_AAC_BITS_PER_CHANNEL = 96_000


def write_video(
    path: str | Path,
    frames: Iterable[NDArray[np.uint8]],
    *,
    frames_per_second: float | Fraction,
    height: int,
    width: int,
    audio: NDArray[np.floating] | Sound | None = None,
    sample_rate: int | None = None,
    spherical: bool = False,
    quality: int = 20,
) -> Path:
    """Write an MP4 with H.264 pictures and, if given, AAC sound of exactly their length.

    Args:
        path: Ends in ``.mp4``.
        frames: Pictures, each of shape (height, width, 3), uint8, RGB; taken one at a time.
        frames_per_second: Rate of the pictures, above 0.
        height: Pixels, even.
        width: Pixels, even.
        audio: An array of shape (channels, n), or sound of any length, with 1, 2 or 4 channels, full scale 1;
            cut or padded with silence to the length of the pictures.
        sample_rate: Hertz of an array.
        spherical: Tag the video as an equirectangular 360 video (Spherical Video V1 and V2).
        quality: H.264 constant rate factor, 0 (lossless) to 51 (worst).

    Returns:
        The path written.

    Raises:
        UserError: The file cannot be written.
        ValueError: Sizes do not fit, there are no frames, or an array comes without its rate.
    """
    if height % 2 or width % 2:
        raise ValueError(f"{height=} and {width=} must be even for H.264")
    sound = _sound_of(audio, sample_rate)
    rate = Fraction(frames_per_second).limit_denominator(100_000)
    target = Path(path)
    with writing(target) as temporary, scratch(target) as plain:
        with av.open(str(plain), "w", format="mp4") as container:
            video = _add_video(container, rate, height, width, quality)
            stream = None if sound is None else _add_sound(container, sound)
            count = _encode_pictures(container, video, frames, (height, width, 3))
            if sound is not None and stream is not None:
                for packet in encode_sound(stream, sound.fitted(round(count / rate * sound.sample_rate))):
                    container.mux(packet)
        tag_movie(plain, temporary, SpatialTags(video=SphericalVideo() if spherical else None))
    return target


def _sound_of(audio: NDArray[np.floating] | Sound | None, sample_rate: int | None) -> Sound | None:
    if isinstance(audio, np.ndarray) and sample_rate is not None:
        return held(audio, sample_rate)
    if sample_rate is not None or isinstance(audio, np.ndarray):
        raise ValueError("an array and its sample_rate come together")
    return audio


def _add_sound(container: OutputContainer, sound: Sound) -> AudioStream:
    stream = container.add_stream("aac", rate=sound.sample_rate, layout=_AAC_LAYOUTS[sound.channels])
    stream.codec_context.bit_rate = _AAC_BITS_PER_CHANNEL * sound.channels
    return stream


def _add_video(
    container: OutputContainer, rate: Fraction, height: int, width: int, quality: int
) -> VideoStream:
    """A stream encoded with PyAV's H.264 encoder (x264 in its published wheels).

    Macroblock-tree rate control is off: with it, equal pictures do not always give equal bytes.
    """
    options = {"crf": str(quality), "preset": "veryfast", "x264-params": "no-mbtree=1"}
    stream = container.add_stream("h264", rate=rate, options=options)
    stream.height = height
    stream.width = width
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = 1 / rate
    return stream


def _encode_pictures(
    container: OutputContainer,
    stream: VideoStream,
    frames: Iterable[NDArray[np.uint8]],
    shape: tuple[int, int, int],
) -> int:
    """Encode and mux the pictures; give their number."""
    count = 0
    for image in frames:
        if image.shape != shape or image.dtype != np.uint8:
            raise ValueError(f"frame {count} is {image.shape} {image.dtype}, not {shape} uint8")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts = count
        frame.time_base = stream.codec_context.time_base
        container.mux(stream.encode(frame))
        count += 1
    container.mux(stream.encode(None))
    if count == 0:
        raise ValueError("there are no frames to write")
    return count
