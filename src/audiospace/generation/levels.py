"""The length and the loudness of delivered sound: four channels always move together."""

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import normalise

DELIVERY_RATE = 48_000
"""Sample rate in Hz of every delivered file, as platforms ask for."""


def samples_in(seconds: float, sample_rate: int) -> int:
    """Give the number of samples that last a time, at least one."""
    return max(1, round(seconds * sample_rate))


def level(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Bring a sound field to the delivery loudness with one gain for all its channels.

    The gain is that of `ambisonics.normalise`: -23 LUFS (EBU R 128) on W, less where a peak would clip.

    Args:
        sound: AmbiX sound, shape (4, samples).
        sample_rate: Rate in Hz.

    Returns:
        The sound times one gain, shape (4, samples); silence stays silence.
    """
    levelled, _gain = normalise(sound, sample_rate)
    return np.asarray(levelled, dtype=np.float32)
