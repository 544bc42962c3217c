"""Deliver generated sound with its video: one file per kind of player, pictures copied bit for bit."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import peak_of
from audiospace.errors import UserError
from audiospace.media.atomic import scratch, writing
from audiospace.media.delivery import (
    FOA_CHANNELS,
    SAMPLE_RATE,
    Delivery,
    ExportFormat,
    Original,
    choose_delivery,
)
from audiospace.media.movie_file import read_movie, write_movie
from audiospace.media.opening import open_media
from audiospace.media.original_sound import as_ambisonics, as_stereo, read_aligned, require_original
from audiospace.media.probe import MediaInfo, VideoStream, probe, require_360
from audiospace.media.remux import copy_beginning, digest_video, remux
from audiospace.media.sound import Sound, held, joined
from audiospace.media.spatial_metadata import read_spatial, tag_movie
from audiospace.media.spherical_tags import SpatialAudio, SpatialTags, SphericalVideo, v1_xml
from audiospace.media.timeline import first_video, read_timeline
from audiospace.media.vp8 import Colour, restore_vp8

_V1_TAG = "SPHERICAL-VIDEO"
_FULL_RANGE = 2  # FFmpeg's AVCOL_RANGE_JPEG


@dataclass(frozen=True)
class ExportReport:
    """What was written.

    Attributes:
        path: The file.
        format: Its kind.
        duration: Seconds of sound: those of the pictures, to the nearest sample.
        channels: 4, or 6 with head-locked stereo.
        sample_rate: Hertz.
        gain: Factor put on all channels alike so that the loudest sample stays below full scale.
        original: What became of the video's own sound.
        video_codec: FFmpeg's name of the copied video's codec.
        video_identical: Whether every video packet read back is bit for bit that of the source. False only
            where the container frames the same coded pictures differently (MPEG-TS to MP4).
        spherical: Whether the pictures are tagged as a sphere.
        notes: Remarks for the user, each a sentence.
    """

    path: Path
    format: ExportFormat
    duration: float
    channels: int
    sample_rate: int
    gain: float
    original: Original
    video_codec: str
    video_identical: bool
    spherical: bool
    notes: tuple[str, ...]


def export_spatial(
    source_video: str | Path,
    foa: NDArray[np.floating],
    sample_rate: int,
    out: str | Path,
    *,
    format: ExportFormat = "mp4-aac",
    original: Original = "drop",
    projection: Literal["auto", "erp", "eac"] = "auto",
) -> ExportReport:
    """Write a video with first-order ambisonics as its one sound track, tagged for 360 players.

    The sound starts with the first picture and ends with the last: it is resampled to 48 kHz, then cut or
    padded with silence. The metadata is written last and the file is read back and checked.

    Args:
        source_video: The 360 video; its packets are copied untouched.
        foa: Shape (4, n), AmbiX (W, Y, Z, X; SN3D), full scale 1.
        sample_rate: Hertz of ``foa``.
        out: The file to write, with the ending of its format: ``.mp4``, ``.webm`` or ``.mov``.
        format: ``mp4-aac`` (plays widest), ``mp4-opus``, ``webm-opus`` or ``mov-pcm`` (lossless).
        original: The video's own sound is dropped, mixed into the ambisonics, or kept beside them as
            head-locked stereo (not with AAC).
        projection: That of the pictures; detected by default.

    Returns:
        What was written.

    Raises:
        UserError: The video cannot be read or is not 360, the format cannot hold its codec or head-locked
            stereo, there is no original sound to keep, or the file cannot be written.
        ValueError: ``foa`` has another shape or is not finite.
    """
    if foa.ndim != 2 or foa.shape[0] != FOA_CHANNELS:
        raise ValueError(f"foa must be of shape (4, n), not {foa.shape}")
    return export_sound(
        source_video, held(foa, sample_rate), out, format=format, original=original, projection=projection
    )


def export_sound(
    source_video: str | Path,
    foa: Sound,
    out: str | Path,
    *,
    format: ExportFormat = "mp4-aac",
    original: Original = "drop",
    projection: Literal["auto", "erp", "eac"] = "auto",
) -> ExportReport:
    """Write a video with first-order ambisonics of any length, as ``export_spatial`` does.

    Args:
        source_video: The 360 video; its packets are copied untouched.
        foa: AmbiX (W, Y, Z, X; SN3D), full scale 1; it is read twice.
        out: The file to write, with the ending of its format.
        format: As for ``export_spatial``.
        original: As for ``export_spatial``.
        projection: That of the pictures; detected by default.

    Returns:
        What was written.

    Raises:
        UserError: As for ``export_spatial``.
        ValueError: ``foa`` has another number of channels or is not finite.
    """
    if foa.channels != FOA_CHANNELS:
        raise ValueError(f"foa must have 4 channels, not {foa.channels}")
    source, target = Path(source_video), Path(out)
    info = probe(source)
    layout = require_360(info, projection)
    if info.video is None:
        raise ValueError(f"{source} lost its video stream")
    delivery = choose_delivery(format, info.video.codec, original)
    _check_names(source, target, delivery)
    sound, gain = _delivered_sound(info, foa, original)
    pose = read_spatial(source).video or SphericalVideo()
    spherical = layout.projection == "erp"
    tags = SpatialTags(
        video=SphericalVideo("equirectangular", layout.stereo, pose.yaw, pose.pitch, pose.roll)
        if spherical
        else None,
        audio=SpatialAudio(
            channels=sound.channels,
            channel_map=tuple(range(sound.channels)),
            head_locked=sound.channels > FOA_CHANNELS,
        ),
    )
    with writing(target) as temporary:
        write = _write_webm if delivery.container == "webm" else _write_movie
        write(source, temporary, delivery, sound, tags)
        identical = _check(info, temporary, tags)
    return ExportReport(
        path=target,
        format=format,
        duration=sound.samples / SAMPLE_RATE,
        channels=sound.channels,
        sample_rate=SAMPLE_RATE,
        gain=gain,
        original=original,
        video_codec=info.video.codec,
        video_identical=identical,
        spherical=spherical,
        notes=_notes(info.video, delivery, gain, spherical),
    )


def _check_names(source: Path, target: Path, delivery: Delivery) -> None:
    if target.suffix.lower() != delivery.suffix:
        raise UserError(f"the name of such a file must end in {delivery.suffix}", file=target)
    if target.exists() and target.samefile(source):
        raise UserError(
            "would overwrite the video it is made from", file=target, remedy="Choose another name"
        )


def _delivered_sound(info: MediaInfo, foa: Sound, original: Original) -> tuple[Sound, float]:
    """All channels at 48 kHz, exactly as long as the pictures, and the one gain put on them."""
    timeline = read_timeline(info.path)
    length = round(timeline.duration * SAMPLE_RATE)
    sound = foa.resampled(SAMPLE_RATE).fitted(length)
    if original != "drop":
        sound = _with_original(sound, info, timeline.start, original)
    peak = peak_of(sound.blocks())
    if not np.isfinite(peak):
        raise ValueError("foa must be finite")
    gain = 1.0 if peak <= 1.0 else 1.0 / peak
    return sound.scaled(gain), gain


def _with_original(sound: Sound, info: MediaInfo, start: Fraction, original: Original) -> Sound:
    """Mix the video's own sound into the ambisonics, or put it beside them."""
    require_original(info)
    form, channels = (as_ambisonics, FOA_CHANNELS) if original == "mix" else (as_stereo, 2)
    own = read_aligned(
        info.path,
        video_start=start,
        sample_rate=sound.sample_rate,
        length=sound.samples,
        form=form,
        channels=channels,
    )
    if original == "mix":
        return joined(sound, own, np.add, FOA_CHANNELS)
    return joined(sound, own, lambda *pair: np.concatenate(pair), FOA_CHANNELS + channels)


def _write_movie(source: Path, target: Path, delivery: Delivery, sound: Sound, tags: SpatialTags) -> None:
    """An MP4 or MOV: mux, put VP8's description right, tag."""
    with scratch(target) as muxed, scratch(target) as restored:
        remux(source, muxed, delivery, sound, start=read_timeline(source).start)
        tagged_from = _restore(source, muxed, restored)
        tag_movie(tagged_from, target, tags)


def _write_webm(source: Path, target: Path, delivery: Delivery, sound: Sound, tags: SpatialTags) -> None:
    """A WebM: the muxer writes the projection if the video's description has it, so give it one that has."""
    start = read_timeline(source).start
    if tags.video is None:
        remux(source, target, delivery, sound, start=start)
        return
    beginning = target.with_suffix(".mp4")
    with scratch(beginning) as plain, scratch(beginning) as restored, scratch(beginning) as tagged:
        copy_beginning(source, plain)
        tag_movie(_restore(source, plain, restored), tagged, SpatialTags(video=tags.video))
        xml = {_V1_TAG: v1_xml(tags.video.stereo)}
        remux(source, target, delivery, sound, start=start, template=tagged, metadata=xml)


def _restore(source: Path, muxed: Path, restored: Path) -> Path:
    """The movie with VP8's own sample entry if the source is VP8, else the movie as it is."""
    with open_media(source) as container:
        context = first_video(container, source).codec_context
        if context.codec.canonical_name != "vp8":
            return muxed
        colour = Colour(
            context.color_primaries, context.color_trc, context.colorspace, context.color_range == _FULL_RANGE
        )
    movie = read_movie(muxed)
    if movie is None:
        raise ValueError(f"{muxed} is not a movie")
    restore_vp8(movie.moov, colour)
    write_movie(movie, movie.moov, restored)
    return restored


def _check(info: MediaInfo, written: Path, tags: SpatialTags) -> bool:
    """Read the file back; raise if it is not what was meant; say whether the video is bit-identical."""
    found = read_spatial(written)
    result = probe(written)
    video = (found.video is None) == (tags.video is None)
    channels = [stream.channels for stream in result.audio]
    if found.audio is None or tags.audio is None or not video or channels != [tags.audio.channels]:
        raise RuntimeError(f"{written} reads back as {found} with sound channels {channels}")
    if result.video is None or info.video is None:
        raise RuntimeError(f"{written} lost its video stream")
    if abs(result.video.duration - info.video.duration) > 1 / info.video.frame_rate:
        raise RuntimeError(f"{written} lasts {result.video.duration} s, not {info.video.duration} s")
    return digest_video(info.path) == digest_video(written)


def _notes(video: VideoStream, delivery: Delivery, gain: float, spherical: bool) -> tuple[str, ...]:
    notes = []
    if gain < 1:
        notes.append(
            f"All channels were turned down by {-20 * np.log10(gain):.1f} dB to stay below full scale"
        )
    if not spherical:
        notes.append("No standard metadata describes equi-angular cubemaps: tell the player it is 360")
    if video.codec == "vp8" and delivery.container == "mp4":
        notes.append("VP8 in MP4 plays in FFmpeg-based players such as VLC; browsers want WebM")
    return tuple(notes)
