"""What one file holds: its streams, its 360 layout, its levels and where its sound comes from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import DirectionTrack, direction, directions_over_time, loudness
from audiospace.media import MediaInfo, probe, read_audio
from audiospace.metrics import SILENCE

CHANNEL_NAMES = {1: ("mono",), 2: ("L", "R"), 4: ("W", "Y", "Z", "X"), 6: ("W", "Y", "Z", "X", "L", "R")}
DIRECTION_COUNT = 10
"""How many directions over time are shown at most."""
SHORTEST_WINDOW = 0.25
"""Seconds."""


@dataclass(frozen=True)
class FieldDirections:
    """Where four-channel sound comes from, read as AmbiX.

    Attributes:
        azimuth: Of the whole file, radians, left positive.
        elevation: Of the whole file, radians, up positive.
        diffuseness: 0 for one source in the open, 1 for sound from everywhere.
        track: The same over time.
    """

    azimuth: float
    elevation: float
    diffuseness: float
    track: DirectionTrack


@dataclass(frozen=True)
class SoundLevels:
    """Levels of a sound.

    Attributes:
        peak: Highest absolute sample of each channel in decibels relative to full scale, shape (channels,).
        rms: Root mean square of each channel in decibels relative to full scale, shape (channels,).
        loudness: LUFS (ITU-R BS.1770) of W, or of the first channel; None if too short or silent.
    """

    peak: NDArray[np.float64]
    rms: NDArray[np.float64]
    loudness: float | None


@dataclass(frozen=True)
class Inspection:
    """What `audiospace info` shows.

    Attributes:
        info: Streams and layout.
        levels: Levels of the first sound stream; None without sound.
        field: Where its sound comes from; None unless it has four channels (or six, four of them being the
            field).
    """

    info: MediaInfo
    levels: SoundLevels | None
    field: FieldDirections | None


def _decibels(amplitude: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(20 * np.log10(np.maximum(amplitude, 1e-10)), dtype=np.float64)


def _measure_levels(samples: NDArray[np.float32], sample_rate: int) -> SoundLevels:
    measured = loudness(np.repeat(samples[:1], 4, axis=0), sample_rate)
    return SoundLevels(
        peak=_decibels(np.abs(samples).max(axis=1)),
        rms=_decibels(np.sqrt(np.mean(samples.astype(np.float64) ** 2, axis=1))),
        loudness=measured if np.isfinite(measured) else None,
    )


def _measure_field(samples: NDArray[np.float32], sample_rate: int) -> FieldDirections | None:
    if samples.shape[0] not in (4, 6):
        return None
    sound = samples[:4].astype(np.float64)
    if float(np.mean(sound**2)) < SILENCE:
        return None
    whole = direction(sound)
    window = max(SHORTEST_WINDOW, samples.shape[1] / sample_rate / DIRECTION_COUNT)
    return FieldDirections(
        azimuth=float(whole.azimuth),
        elevation=float(whole.elevation),
        diffuseness=float(whole.diffuseness),
        track=directions_over_time(sound, sample_rate, window=window, hop=window),
    )


def inspect(path: Path) -> Inspection:
    """Look into a video or sound file.

    Args:
        path: The file.

    Returns:
        Its streams and layout, the levels of its first sound stream and where that comes from.

    Raises:
        UserError: It cannot be read.
    """
    info = probe(path)
    if not info.audio:
        return Inspection(info, None, None)
    sound = read_audio(path)
    if sound.samples.shape[1] == 0:
        return Inspection(info, None, None)
    return Inspection(
        info,
        _measure_levels(sound.samples, sound.sample_rate),
        _measure_field(sound.samples, sound.sample_rate),
    )
