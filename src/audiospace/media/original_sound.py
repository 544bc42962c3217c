"""A video's own sound beside generated sound: lined up with the pictures, as ambisonics or as stereo."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import Convention, from_mono, from_stereo, head_locked, stereo, to_ambix
from audiospace.errors import UserError
from audiospace.media.decoding import open_sound
from audiospace.media.opening import open_media
from audiospace.media.probe import AudioStream, MediaInfo
from audiospace.media.resampling import resample_blocks
from audiospace.media.sound import Block, Sound, fit_blocks, skip_blocks

_FOA = 4
_YOUTUBE = 6
_NOT_LOUDSPEAKERS = ("ambisonic", "6 channels")


def read_aligned(
    path: Path,
    *,
    video_start: Fraction,
    sample_rate: int,
    length: int,
    form: Callable[[Block], Block],
    channels: int,
) -> Sound:
    """A video's own sound in another form, sample 0 being heard with the first picture.

    Args:
        path: The video.
        video_start: Seconds on the container's clock at which the first picture is shown.
        sample_rate: Hertz wanted.
        length: Samples wanted.
        form: Maps the channels that there are to those wanted: ``as_ambisonics`` or ``as_stereo``.
        channels: Their number.

    Returns:
        The sound, decoded while it is read.

    Raises:
        UserError: The video has no sound, or it cannot be decoded.
    """
    stream = open_sound(path)
    shift = round((stream.start - float(video_start)) * sample_rate)

    def blocks() -> Iterator[Block]:
        resampled = resample_blocks(stream.blocks(), stream.sample_rate, sample_rate)
        heard = skip_blocks((form(block) for block in resampled), max(0, -shift))
        silence = np.zeros((channels, max(0, shift)), dtype=np.float32)
        return fit_blocks(chain([silence], heard), channels, length)

    return Sound(channels, sample_rate, length, blocks)


def require_original(info: MediaInfo) -> None:
    """Raise unless a video has sound of its own that can be kept; only its beginning is decoded.

    Args:
        info: What the video holds.

    Raises:
        UserError: It has no sound, sound that cannot be decoded, or channels as ``require_keepable`` refuses.
    """
    if not info.audio:
        raise UserError("has no sound of its own to keep", file=info.path, remedy="Drop the original sound")
    require_keepable(info.audio[0], info.path)
    with open_media(info.path) as container:
        if next(container.decode(audio=0), None) is None:
            raise UserError(
                "nothing in its own sound can be decoded", file=info.path, remedy="Drop the original sound"
            )


def require_keepable(stream: AudioStream, path: str | Path) -> None:
    """Raise unless sound can be kept as ambisonics or stereo.

    Args:
        stream: A video's own sound.
        path: The video, for the message.

    Raises:
        UserError: It has another number of channels than 1, 2, 4 and 6, or its six are loudspeakers (5.1).
    """
    surround = stream.channels == _YOUTUBE and not stream.layout.startswith(_NOT_LOUDSPEAKERS)
    if surround or stream.channels not in (1, 2, _FOA, _YOUTUBE):
        raise UserError(
            f"its own sound has {stream.channels} channels ({stream.layout}), which cannot be kept",
            file=path,
            remedy="Mono, stereo and first-order ambisonics can be kept; or drop the original sound",
        )


def as_ambisonics(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Any sound that a video may have, as first-order ambisonics.

    Mono becomes W alone (from everywhere), stereo becomes W and Y, four channels are ambisonics already,
    six are YouTube's ambisonics with head-locked stereo, which is left out.

    Args:
        samples: Shape (channels, n), 1, 2, 4 or 6 channels.

    Returns:
        Shape (4, n), AmbiX.

    Raises:
        ValueError: There is another number of channels.
    """
    channels = samples.shape[0]
    if channels == 1:
        return np.asarray(from_mono(samples[0]), dtype=np.float32)
    if channels == 2:
        return np.asarray(from_stereo(samples), dtype=np.float32)
    if channels == _FOA:
        return samples
    if channels == _YOUTUBE:
        return np.asarray(to_ambix(samples, Convention.YOUTUBE6), dtype=np.float32)
    raise ValueError(f"sound of {channels} channels cannot be kept")


def as_stereo(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Any sound that a video may have, as left and right.

    Args:
        samples: Shape (channels, n), 1, 2, 4 or 6 channels, as in ``as_ambisonics``.

    Returns:
        Shape (2, n).

    Raises:
        ValueError: There is another number of channels.
    """
    channels = samples.shape[0]
    if channels == 1:
        return np.repeat(samples, 2, axis=0)
    if channels == 2:
        return samples
    if channels == _FOA:
        return np.asarray(stereo(samples), dtype=np.float32)
    if channels == _YOUTUBE:
        return np.asarray(head_locked(samples), dtype=np.float32)
    raise ValueError(f"sound of {channels} channels cannot be kept")
