"""The length and the loudness of delivered sound: four channels always move together."""

from audiospace.ambisonics import measure, normalising_gain
from audiospace.media import Sound

DELIVERY_RATE = 48_000
"""Sample rate in Hz of every delivered file, as platforms ask for."""


def samples_in(seconds: float, sample_rate: int) -> int:
    """Give the number of samples that last a time, at least one."""
    return max(1, round(seconds * sample_rate))


def level(sound: Sound) -> Sound:
    """Bring a sound field to the delivery loudness with one gain for all its channels.

    The gain is that of `ambisonics.normalise`: -23 LUFS (EBU R 128) on W, less where a peak would clip.

    Args:
        sound: AmbiX sound; it is read once here.

    Returns:
        The sound times one gain; silence stays silence.
    """
    return sound.scaled(normalising_gain(measure(sound.blocks(), sound.sample_rate)))
