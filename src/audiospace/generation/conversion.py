"""Sound-field files from one convention to another, or decoded for loudspeakers and headphones."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import (
    Convention,
    binaural,
    from_ambix,
    head_locked,
    peak_safe_gain,
    rotate,
    rotation_matrix,
    stereo,
    surround,
    to_ambix,
)
from audiospace.errors import UserError
from audiospace.media import Audio, read_audio, write_audio

Decoder = Callable[[NDArray[np.float32], int], NDArray[np.float32]]

DECODERS: dict[str, Decoder] = {
    "binaural": lambda sound, rate: np.asarray(binaural(sound, rate), dtype=np.float32),
    "stereo": lambda sound, _rate: np.asarray(stereo(sound), dtype=np.float32),
    "5.1": lambda sound, _rate: np.asarray(surround(sound), dtype=np.float32),
}
SUFFIXES = (".wav", ".flac")


@dataclass(frozen=True)
class Conversion:
    """What was written.

    Attributes:
        target: The file.
        target_kind: What its channels are.
        channels: Number of channels.
        sample_rate: Rate in Hz.
        seconds: Length.
        gain_decibels: What it was turned down by, in decibels, 0 or less.
    """

    target: Path
    target_kind: str
    channels: int
    sample_rate: int
    seconds: float
    gain_decibels: float


def _source_convention(kind: str | None, channels: int, file: Path) -> Convention:
    if kind is None:
        kind = "youtube6" if channels == Convention.YOUTUBE6.channels else "ambix"
    convention = Convention(kind)
    if channels != convention.channels:
        raise UserError(
            f"has {channels} channels, and {kind} has {convention.channels}",
            file=file,
            remedy="Give a file with a first-order sound field, and say with --from what it holds",
        )
    return convention


def _deliver(
    sound: NDArray[np.float32], source: Audio, convention: Convention, target_kind: str
) -> NDArray[np.float32]:
    """Decode or re-order an AmbiX sound; a head-locked pair is kept where there is room for it."""
    if target_kind in DECODERS:
        return DECODERS[target_kind](sound, source.sample_rate)
    target = Convention(target_kind)
    locked = None
    if target is Convention.YOUTUBE6 and convention is Convention.YOUTUBE6:
        locked = head_locked(source.samples)
    return np.asarray(from_ambix(sound, target, head_locked_stereo=locked), dtype=np.float32)


def convert(
    source: Path,
    target: Path,
    *,
    source_kind: str | None = None,
    target_kind: str = "ambix",
    rotation: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Conversion:
    """Convert the sound field in a file.

    Nothing is scaled except by one gain for all channels where a sample would be beyond full scale.

    Args:
        source: A sound file, or a video with a sound field.
        target: A .wav or .flac file to write; whatever is there is replaced.
        source_kind: "ambix", "fuma", "wxyz", "n3d" or "youtube6"; by the number of channels if None.
        target_kind: One of these, or "binaural", "stereo" or "5.1"; the head-locked pair of youtube6 is kept.
        rotation: Yaw, pitch and roll in radians by which the field is turned.

    Returns:
        What was written.

    Raises:
        UserError: The source cannot be read or has another number of channels, or the target cannot
            be written.
    """
    if target.suffix.lower() not in SUFFIXES:
        raise UserError("sound is written as .wav or .flac", file=target)
    audio = read_audio(source)
    convention = _source_convention(source_kind, audio.samples.shape[0], source)
    if not np.isfinite(audio.samples).all():
        raise UserError("holds samples that are not finite", file=source)
    ambix = to_ambix(audio.samples, convention)
    turned = rotate(ambix, rotation_matrix(*rotation)) if any(rotation) else ambix
    delivered = _deliver(np.asarray(turned, dtype=np.float32), audio, convention, target_kind)
    gain = peak_safe_gain(delivered, 1.0)
    write_audio(target, delivered * np.float32(gain), audio.sample_rate)
    return Conversion(
        target=target,
        target_kind=target_kind,
        channels=delivered.shape[0],
        sample_rate=audio.sample_rate,
        seconds=delivered.shape[1] / audio.sample_rate,
        gain_decibels=20 * float(np.log10(gain)),
    )
