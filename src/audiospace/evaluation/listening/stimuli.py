"""The sounds of a test under blind names: all in one format, so that nothing but the sound differs."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, kaiserord, oaconvolve

from audiospace.ambisonics import loudness, normalise
from audiospace.errors import UserError
from audiospace.media import read_audio, write_audio

SAMPLE_RATE = 48000
"""Hertz of every copy."""
FOLDER = "stimuli"
"""Where in the plan's folder the copies are."""

_CHANNELS = 4
_PASS, _STOP = 3500.0, 4000.0
_ATTENUATION = 60.0
_TOLERANCE = 0.1


def low_anchor(sound: NDArray[np.floating]) -> NDArray[np.float32]:
    """Make the low anchor of a sound: W alone, without what lies above 3.5 kHz.

    It has no direction and little treble, so raters who listen must find it poor on both scales. The cut-off
    is that of the low anchor in ITU-R BS.1534-3. The filter is flat within 0.1 dB up to 3.5 kHz, and more
    than 50 dB down from 4 kHz on. It has linear phase, and its delay is taken out.

    Args:
        sound: AmbiX at 48 kHz, shape (4, n).

    Returns:
        The same shape; Y, Z and X are silent.
    """
    taps, beta = kaiserord(_ATTENUATION, (_STOP - _PASS) / (SAMPLE_RATE / 2))
    taps |= 1  # an odd number delays by whole samples
    window = firwin(taps, (_PASS + _STOP) / 2, window=("kaiser", beta), fs=SAMPLE_RATE)
    anchor = np.zeros(sound.shape, dtype=np.float32)
    if sound.shape[1]:
        anchor[0] = oaconvolve(sound[0], window)[taps // 2 :][: sound.shape[1]]
    return anchor


def write_stimulus(
    source: Path, target: Path, *, anchor: bool = False, lufs: float | None = None
) -> str | None:
    """Write a sound as every other one of the test: AmbiX, 48 kHz, four channels of 32-bit float in a WAV.

    Args:
        source: Sound file, or video with sound, of four channels.
        target: The file to write.
        anchor: Whether the low anchor is made of it.
        lufs: Loudness to bring it to with one gain; None leaves its level.

    Returns:
        A remark where the loudness could not be reached, else None.

    Raises:
        UserError: The sound cannot be read, has not four channels or holds samples that are not finite, or
            the file cannot be written.
    """
    sound = read_audio(source, sample_rate=SAMPLE_RATE, channels=_CHANNELS).samples
    if not np.isfinite(sound).all():
        raise UserError("holds samples that are not finite", file=source)
    if anchor:
        sound = low_anchor(sound)
    remark = None
    if lufs is not None:
        sound = np.asarray(normalise(sound, SAMPLE_RATE, lufs).sound, dtype=np.float32)
        reached = loudness(sound, SAMPLE_RATE)
        if abs(reached - lufs) > _TOLERANCE:
            remark = f"is at {reached:.1f} LUFS instead of {lufs:.1f}: its peaks or its silence allow no more"
    write_audio(target, sound, SAMPLE_RATE)
    return remark
