"""The files a spatial video can be delivered in, and what each can hold."""

from dataclasses import dataclass
from typing import Literal

from audiospace.errors import UserError

ExportFormat = Literal["mp4-aac", "mp4-opus", "webm-opus", "mov-pcm"]
Original = Literal["drop", "mix", "head-locked"]

SAMPLE_RATE = 48_000
FOA_CHANNELS = 4
HEAD_LOCKED_CHANNELS = 6


@dataclass(frozen=True)
class Delivery:
    """One kind of file.

    Attributes:
        container: FFmpeg's name of the muxer.
        suffix: File name ending.
        audio_codec: FFmpeg's name of the encoder.
        layouts: Channel layout by number of channels; a number that is absent cannot be held.
        bit_rates: Bits per second by number of channels; 0 for uncompressed sound.
        audio_options: Encoder options.
        video_codecs: Video codecs whose packets it can hold untouched.
    """

    container: str
    suffix: str
    audio_codec: str
    layouts: dict[int, str]
    bit_rates: dict[int, int]
    audio_options: dict[str, str]
    video_codecs: frozenset[str]


_MP4_VIDEO = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mpeg2video", "mjpeg"})
# Opus at a constant rate: a quiet scene would otherwise fall below what YouTube asks for.
_OPUS_OPTIONS = {"mapping_family": "2", "vbr": "off", "application": "audio"}
_OPUS_LAYOUTS = {FOA_CHANNELS: "ambisonic 1", HEAD_LOCKED_CHANNELS: "ambisonic 1+stereo"}
_OPUS_RATES = {FOA_CHANNELS: 512_000, HEAD_LOCKED_CHANNELS: 768_000}

DELIVERIES: dict[ExportFormat, Delivery] = {
    # Six-channel AAC would be labelled 5.1, whose LFE is low-passed: X would be lost. So four only.
    "mp4-aac": Delivery("mp4", ".mp4", "aac", {FOA_CHANNELS: "4.0"}, {FOA_CHANNELS: 512_000}, {}, _MP4_VIDEO),
    "mp4-opus": Delivery("mp4", ".mp4", "libopus", _OPUS_LAYOUTS, _OPUS_RATES, _OPUS_OPTIONS, _MP4_VIDEO),
    "webm-opus": Delivery(
        "webm",
        ".webm",
        "libopus",
        _OPUS_LAYOUTS,
        _OPUS_RATES,
        _OPUS_OPTIONS,
        frozenset({"vp8", "vp9", "av1"}),
    ),
    "mov-pcm": Delivery(
        "mov",
        ".mov",
        "pcm_s24le",
        {FOA_CHANNELS: "4 channels", HEAD_LOCKED_CHANNELS: "6 channels"},
        {FOA_CHANNELS: 0, HEAD_LOCKED_CHANNELS: 0},
        {},
        frozenset({"h264", "hevc", "mpeg4", "mpeg2video", "mjpeg", "prores", "dnxhd"}),
    ),
}


def choose_delivery(kind: ExportFormat, video_codec: str, original: Original) -> Delivery:
    """The kind of file, if it can hold this video and this sound.

    Args:
        kind: The kind asked for.
        video_codec: FFmpeg's name of the video's codec.
        original: What is to become of the video's own sound.

    Returns:
        The delivery.

    Raises:
        UserError: It cannot; the message names the kinds that can.
    """
    channels = HEAD_LOCKED_CHANNELS if original == "head-locked" else FOA_CHANNELS
    delivery = DELIVERIES[kind]
    if video_codec in delivery.video_codecs and channels in delivery.layouts:
        return delivery
    able = [name for name, d in DELIVERIES.items() if video_codec in d.video_codecs and channels in d.layouts]
    lacks = f"{video_codec} video" if video_codec not in delivery.video_codecs else "head-locked stereo"
    remedy = f"Use {' or '.join(able)}" if able else "Convert the video to H.264 first"
    raise UserError(f"{kind} files cannot hold {lacks}", remedy=remedy)
