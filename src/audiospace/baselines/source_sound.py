"""What is played: a file's sound lined up with its pictures, as mono, as stereo, or as a sound field."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from audiospace.ambisonics import CHANNELS
from audiospace.errors import UserError
from audiospace.media import AudioStream, MediaInfo, Sound, probe
from audiospace.media.decoding import open_sound
from audiospace.media.original_sound import as_ambisonics, read_aligned
from audiospace.media.sound import Block

_PLACEABLE = (1, 2, 4, 6)
_LOUDSPEAKERS = ("5.1", "hexagonal", "6.0")


def require_sound(info: MediaInfo, remedy: str = "") -> AudioStream:
    """Give the sound of a file that can be placed.

    Args:
        info: What the file holds.
        remedy: What the user can do if there is no sound.

    Returns:
        Its first sound stream.

    Raises:
        UserError: It has none, or neither mono, stereo, first-order ambisonics nor YouTube's six channels.
    """
    if not info.audio:
        raise UserError("has no sound to play", file=info.path, remedy=remedy)
    stream = info.audio[0]
    if stream.channels not in _PLACEABLE or stream.layout.startswith(_LOUDSPEAKERS):
        raise UserError(
            f"has sound of {stream.channels} channels ({stream.layout}), which cannot be placed",
            file=info.path,
            remedy="Give mono, stereo or first-order ambisonics",
        )
    return stream


def duration_of(info: MediaInfo) -> float:
    """Seconds that a file's sound lasts: with pictures, those of the pictures.

    Args:
        info: What the file holds, sound among it.

    Returns:
        Seconds.

    Raises:
        UserError: Nothing in it can be decoded.
    """
    if info.video is not None:
        return info.duration
    stream = open_sound(info.path)
    return info.duration if stream.length is None else stream.length / stream.sample_rate


def mono_of(path: Path, *, sample_rate: int | None = None, samples: int | None = None) -> Sound:
    """Read a file's sound as one channel: stereo is averaged, of ambisonics W is taken.

    Args:
        path: A sound file or a video.
        sample_rate: Hertz wanted; the file's own if None.
        samples: Length wanted, cut or followed by silence; the file's own if None.

    Returns:
        The sound; with pictures, sample 0 is heard with the first of them.

    Raises:
        UserError: The file cannot be read or has no such sound; while it is read, if it is not finite.
    """
    return _read(path, _as_mono, 1, sample_rate, samples)


def stereo_of(path: Path, *, sample_rate: int | None = None, samples: int | None = None) -> Sound:
    """Read a file's sound as `mono_of` does, but keep stereo as two channels.

    Args:
        path: A sound file or a video.
        sample_rate: Hertz wanted; the file's own if None.
        samples: Length wanted; the file's own if None.

    Returns:
        Sound of one or two channels.

    Raises:
        UserError: As for `mono_of`.
    """
    if require_sound(probe(path)).channels != 2:
        return mono_of(path, sample_rate=sample_rate, samples=samples)
    return _read(path, lambda block: block, 2, sample_rate, samples)


def field_of(path: Path) -> Sound:
    """Read a file's sound field.

    Args:
        path: A sound file or a video with first-order ambisonics: AmbiX, or YouTube's six channels.

    Returns:
        AmbiX sound at the file's own rate and of its own length.

    Raises:
        UserError: The file cannot be read or has no such sound; while it is read, if it is not finite.
    """
    info = probe(path)
    channels = require_sound(info).channels if info.audio else 0
    if channels < CHANNELS:
        raise UserError(
            f"has {channels or 'no'} sound channel{'' if channels == 1 else 's'}: "
            "no direction can be measured in it",
            file=path,
            remedy="Give ambisonics with --reference, or a direction with --azimuth and --elevation",
        )
    return _read(path, as_ambisonics, CHANNELS, None, None)


def _read(
    path: Path, form: Callable[[Block], Block], channels: int, sample_rate: int | None, samples: int | None
) -> Sound:
    info = probe(path)
    stream = require_sound(info)
    rate = sample_rate or stream.sample_rate
    if samples is None:
        samples = max(1, round(duration_of(info) * rate))
    start = Fraction(open_sound(path).start if info.video is None else info.video.start)
    sound = read_aligned(
        path, video_start=start, sample_rate=rate, length=samples, form=form, channels=channels
    )

    def checked(block: Block) -> Block:
        if not np.isfinite(block).all():
            raise UserError("holds samples that are not finite", file=path)
        return block

    return sound.mapped(checked)


def _as_mono(block: Block) -> Block:
    if block.shape[0] == 1:
        return block
    if block.shape[0] == 2:
        return np.asarray(block.mean(axis=0, keepdims=True), dtype=np.float32)
    return as_ambisonics(block)[:1]
