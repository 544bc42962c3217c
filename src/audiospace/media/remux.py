"""Put a video's packets, untouched, and newly encoded sound into one file."""

import hashlib
import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from audiospace.media.audio import encode_sound
from audiospace.media.delivery import SAMPLE_RATE, Delivery
from audiospace.media.opening import open_media
from audiospace.media.sound import Sound
from audiospace.media.timeline import first_video
from audiospace.media.vp8 import STAND_IN

_CHUNK = 24_000
_TIMESCALE = 90_000

Timed = tuple[Fraction, "Packet[VideoStream] | Packet[AudioStream]"]


@dataclass(frozen=True)
class VideoDigest:
    """The packets of a video stream, in short.

    Attributes:
        packets: Their number.
        sha256: Digest of all their bytes in order.
    """

    packets: int
    sha256: str


def remux(
    source: str | Path,
    target: Path,
    delivery: Delivery,
    sound: Sound,
    *,
    start: Fraction,
    template: Path | None = None,
    metadata: dict[str, str] | None = None,
) -> None:
    """Copy the video packets of one file and encode sound beside them, interleaved by time.

    Args:
        source: The video.
        target: The file to write.
        delivery: What kind of file; VP8 goes into MP4 under a stand-in codec (see ``vp8``).
        sound: At 48 kHz, full scale 1, sample 0 belonging to the first picture.
        start: Seconds on the source's clock at which its first picture is shown: 0 in the target.
        template: A file to take the video's description from instead of from the source.
        metadata: Tags of the video track.

    Raises:
        UserError: The source cannot be read.
    """
    with open_media(source) as reader, open_media(template or source) as model:
        video = first_video(reader, source)
        with av.open(str(target), "w", format=delivery.container) as writer:
            pictures = _add_video(writer, first_video(model, source), delivery)
            pictures.metadata.update(metadata or {})
            encoder = _add_sound(writer, delivery, sound.channels)
            writer.start_encoding()
            copied = _copied(reader, video, pictures, start)
            encoded = _encoded(encoder, sound)
            for _, packet in heapq.merge(copied, encoded, key=lambda timed: timed[0]):
                writer.mux_one(packet)


def copy_beginning(source: str | Path, target: Path) -> None:
    """Write an MP4 with a video's description and its first packet only.

    Args:
        source: The video.
        target: The file to write.

    Raises:
        UserError: The source cannot be read.
    """
    with open_media(source) as reader:
        video = first_video(reader, source)
        with av.open(str(target), "w", format="mp4") as writer:
            pictures = _add_video(writer, video, None)
            packet = next(p for p in reader.demux(video) if p.size and p.is_keyframe)
            packet.pts = packet.dts = 0
            packet.stream = pictures
            writer.mux_one(packet)


def digest_video(path: str | Path) -> VideoDigest:
    """Number and digest of the video packets of a file, to tell whether two files hold the same.

    Args:
        path: The file.

    Returns:
        The digest.

    Raises:
        UserError: The file cannot be read.
    """
    digest = hashlib.sha256()
    count = 0
    with open_media(path) as reader:
        for packet in reader.demux(first_video(reader, path)):
            if packet.size:
                digest.update(bytes(packet))
                count += 1
    return VideoDigest(count, digest.hexdigest())


def _add_video(writer: OutputContainer, video: VideoStream, delivery: Delivery | None) -> VideoStream:
    """A stream for the copied packets; its description is the source's, its bytes nobody's business."""
    in_mp4 = delivery is None or delivery.container == "mp4"
    if in_mp4 and video.codec_context.codec.canonical_name == "vp8":
        stand_in = writer.add_mux_stream(STAND_IN, width=video.width, height=video.height)
        stand_in.time_base = Fraction(1, _TIMESCALE)
        if not isinstance(stand_in, VideoStream):
            raise TypeError(f"{STAND_IN} is not a video codec")
        return stand_in
    return writer.add_stream_from_template(video, opaque=True)


def _add_sound(writer: OutputContainer, delivery: Delivery, channels: int) -> AudioStream:
    stream = writer.add_stream(
        delivery.audio_codec,
        rate=SAMPLE_RATE,
        layout=delivery.layouts[channels],
        options=dict(delivery.audio_options),
    )
    if not isinstance(stream, AudioStream):
        raise TypeError(f"{delivery.audio_codec} is not a sound codec")
    if delivery.bit_rates[channels]:
        stream.codec_context.bit_rate = delivery.bit_rates[channels]
    return stream


def _copied(
    reader: InputContainer, video: VideoStream, pictures: VideoStream, start: Fraction
) -> Iterator[Timed]:
    """The video packets with times counted from the first picture."""
    time_base = video.time_base or Fraction(1, 1000)
    offset = round(start / time_base)
    latest = Fraction(0)
    for packet in reader.demux(video):
        if packet.size == 0:
            continue
        if packet.pts is not None:
            packet.pts -= offset
        if packet.dts is not None:
            packet.dts -= offset
            latest = packet.dts * time_base
        packet.stream = pictures
        yield latest, packet


def _encoded(stream: AudioStream, sound: Sound) -> Iterator[Timed]:
    """The sound's packets with the times at which they are heard."""
    latest = Fraction(0)
    for packet in encode_sound(stream, sound, _CHUNK):
        if packet.dts is not None and packet.time_base is not None:
            latest = packet.dts * packet.time_base
        yield latest, packet
