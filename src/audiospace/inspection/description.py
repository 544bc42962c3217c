"""An inspection as lines of text and as plain data; angles in degrees, levels in decibels."""

import math
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from audiospace.inspection.file_contents import CHANNEL_NAMES, FieldDirections, Inspection, SoundLevels
from audiospace.media import MediaInfo, SpatialAudio

PROJECTIONS = {
    "erp": "equirectangular (ERP)",
    "eac": "equi-angular cubemap (EAC)",
    None: "none: not a 360 video",
}


SILENT_DB = -140.0
"""Peak level below which a channel is called silent: beyond the range of 24-bit sound."""


def _names(channels: int) -> Sequence[str]:
    return CHANNEL_NAMES.get(channels, tuple(str(index + 1) for index in range(channels)))


def _stream_lines(info: MediaInfo) -> list[str]:
    lines = [f"duration    {info.duration:.3f} s"]
    if info.video is not None:
        video = info.video
        pace = "variable, on average " if video.variable_rate else ""
        lines.append(
            f"video       {video.codec}, {video.width}x{video.height}, {pace}"
            f"{video.frame_rate:.3f} frames per second"
        )
        lines.append(f"projection  {PROJECTIONS[info.projection]}; {info.stereo} ({info.evidence})")
    for stream in info.audio:
        lines.append(
            f"audio       {stream.codec}, {stream.channels} channels ({stream.layout}), "
            f"{stream.sample_rate} Hz"
        )
    if not info.audio:
        lines.append("audio       none")
    if info.spatial_audio is not None:
        lines.append(f"spatial     {_spatial_text(info.spatial_audio)}")
    return lines


def _spatial_text(spatial: SpatialAudio) -> str:
    ordering = "ACN" if spatial.ordering == 0 else f"ordering {spatial.ordering}"
    gains = "SN3D" if spatial.normalization == 0 else f"normalisation {spatial.normalization}"
    channels = " ".join(str(component) for component in spatial.channel_map)
    locked = ", with head-locked stereo" if spatial.head_locked else ""
    return (
        f"ambisonics of order {spatial.order}, {ordering}, {gains}, channel map {channels}{locked} "
        f"({spatial.source})"
    )


def _level_lines(levels: SoundLevels) -> list[str]:
    loudness = "none (silent or too short)" if levels.loudness is None else f"{levels.loudness:.1f} LUFS"
    names = _names(len(levels.peak))
    channels = "  ".join(
        f"{name} {peak:.1f} / {rms:.1f}" if peak > SILENT_DB else f"{name} silent"
        for name, peak, rms in zip(names, levels.peak, levels.rms, strict=True)
    )
    return [f"loudness    {loudness}", f"peak / rms  {channels} dB"]


def _field_lines(field: FieldDirections) -> list[str]:
    lines = [
        f"direction   azimuth {math.degrees(field.azimuth):+.0f}, "
        f"elevation {math.degrees(field.elevation):+.0f}, "
        f"diffuseness {field.diffuseness:.2f} (read as AmbiX, degrees, left and up positive)",
        "            time s   azimuth  elevation  diffuseness  level dB",
    ]
    lines.extend(
        f"            {row['time']:6.2f}   {row['azimuth']:+7.0f}  {row['elevation']:+9.0f}  "
        f"{row['diffuseness']:11.2f}  {row['level_db']:8.1f}"
        for row in _track(field)
    )
    return lines


def _track(field: FieldDirections) -> list[dict[str, float]]:
    track = field.track
    decibels = 10 * np.log10(np.maximum(track.energy, 1e-12))
    return [
        {
            "time": round(float(track.times[index]), 3),
            "azimuth": round(math.degrees(track.azimuth[index]), 1),
            "elevation": round(math.degrees(track.elevation[index]), 1),
            "diffuseness": round(float(track.diffuseness[index]), 3),
            "level_db": round(float(decibels[index]), 1),
        }
        for index in range(len(track.times))
    ]


def inspection_lines(inspection: Inspection) -> list[str]:
    """Describe a file for reading.

    Args:
        inspection: What `inspect` returned.

    Returns:
        Lines of text.
    """
    lines = [str(inspection.info.path), *_stream_lines(inspection.info)]
    if inspection.levels is not None:
        lines += _level_lines(inspection.levels)
    if inspection.field is not None:
        lines += _field_lines(inspection.field)
    return lines


def _levels_json(levels: SoundLevels) -> dict[str, object]:
    names = _names(len(levels.peak))
    return {
        "loudness_lufs": None if levels.loudness is None else round(levels.loudness, 2),
        "channels": [
            {"name": name, "peak_db": round(float(peak), 2), "rms_db": round(float(rms), 2)}
            for name, peak, rms in zip(names, levels.peak, levels.rms, strict=True)
        ],
    }


def _field_json(field: FieldDirections) -> dict[str, object]:
    return {
        "azimuth": round(math.degrees(field.azimuth), 2),
        "elevation": round(math.degrees(field.elevation), 2),
        "diffuseness": round(field.diffuseness, 4),
        "over_time": _track(field),
    }


def inspection_json(inspection: Inspection) -> dict[str, object]:
    """Describe a file as a tree that `json.dumps` takes.

    Args:
        inspection: What `inspect` returned.

    Returns:
        Streams, layout, spatial metadata, levels and directions.
    """
    info = inspection.info
    video = info.video
    return {
        "file": str(info.path),
        "duration_seconds": round(info.duration, 6),
        "video": None
        if video is None
        else {
            "codec": video.codec,
            "width": video.width,
            "height": video.height,
            "frames_per_second": round(video.frame_rate, 6),
            "variable_rate": video.variable_rate,
        },
        "projection": info.projection,
        "stereo": info.stereo,
        "evidence": info.evidence,
        "audio": [
            {
                "codec": stream.codec,
                "channels": stream.channels,
                "layout": stream.layout,
                "sample_rate": stream.sample_rate,
            }
            for stream in info.audio
        ],
        "spatial_audio": None if info.spatial_audio is None else asdict(info.spatial_audio),
        "levels": None if inspection.levels is None else _levels_json(inspection.levels),
        "sound_field": None if inspection.field is None else _field_json(inspection.field),
    }
