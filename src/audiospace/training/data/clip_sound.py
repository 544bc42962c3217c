"""The sound of a clip as ambisonics at the model's rate, block by block, in step with the pictures."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media import MediaInfo, probe
from audiospace.media.decoding import open_sound
from audiospace.media.original_sound import as_ambisonics, require_keepable
from audiospace.media.resampling import resample_blocks
from audiospace.media.sound import skip_blocks

FloatArray = NDArray[np.float32]
AMBISONIC = frozenset({4, 6})


def field_blocks(sound: Path, sample_rate: int, video: MediaInfo | None) -> Iterator[FloatArray]:
    """Read a sound as ambisonics.

    Args:
        sound: The file: AmbiX, or mono or stereo, which are lifted (`as_ambisonics`).
        sample_rate: Hertz wanted.
        video: What the clip's video holds, if it is looked at. Sound in that file begins with the first
            picture, and no sound goes on after the last.

    Returns:
        Pieces of shape (4, n).

    Raises:
        UserError: The file cannot be decoded, has channels that are no sound field, or is not ambisonic while
            there is a video to place it in.
    """
    info = video if video is not None and video.path == sound else probe(sound)
    if not info.audio:
        raise UserError("has no sound", file=sound)
    require_keepable(info.audio[0], sound)
    if video is not None and info.audio[0].channels not in AMBISONIC:
        raise UserError(f"its sound is not ambisonic: {info.audio[0].channels} channels", file=sound)
    stream = open_sound(sound)
    resampled = resample_blocks(stream.blocks(), stream.sample_rate, sample_rate)
    fields: Iterator[FloatArray] = (as_ambisonics(block) for block in resampled)
    if video is None or video.video is None:
        return fields
    if video.path == sound:
        shift = round((stream.start - video.video.start) * sample_rate)
        silence = np.zeros((4, max(0, shift)), dtype=np.float32)
        fields = itertools.chain([silence], skip_blocks(fields, max(0, -shift)))
    return _until(fields, round(video.duration * sample_rate))


def _until(blocks: Iterator[FloatArray], length: int) -> Iterator[FloatArray]:
    """Cut a sound off, but let a shorter one be."""
    for block in blocks:
        if length <= 0:
            return
        yield block[:, :length]
        length -= block.shape[1]
