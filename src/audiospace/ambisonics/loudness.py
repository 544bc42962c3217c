"""Loudness of a sound field, and one gain for all its channels.

Only one gain keeps a sound field intact: different gains per channel move its sources.
"""

from typing import NamedTuple

import numpy as np

from audiospace.ambisonics.convention import FloatArray
from audiospace.ambisonics.metering import Measured, measure, peak_of

DEFAULT_PEAK = 0.891
"""Highest absolute sample: -1 dB relative to full scale."""

BROADCAST_LOUDNESS = -23.0
"""Programme loudness in LUFS that EBU R 128 asks for."""


class Normalised(NamedTuple):
    """A sound field brought to a loudness.

    Attributes:
        sound: The sound times the gain.
        gain: The one gain of all channels.
    """

    sound: FloatArray
    gain: float


def peak_safe_gain(sound: FloatArray, peak: float = DEFAULT_PEAK) -> float:
    """Give the gain that keeps every channel within a peak: 1 if they are.

    Args:
        sound: Sound of any shape.
        peak: Highest absolute sample allowed.

    Returns:
        Gain in (0, 1].
    """
    return gain_to_peak(peak_of([sound]), peak)


def gain_to_peak(highest: float, peak: float = DEFAULT_PEAK) -> float:
    """Give the gain that keeps a sound within a peak, from its highest sample.

    Args:
        highest: Highest absolute sample there is.
        peak: Highest absolute sample allowed.

    Returns:
        Gain in (0, 1].
    """
    return min(1.0, peak / highest) if highest > 0 else 1.0


def loudness(sound: FloatArray, sample_rate: float) -> float:
    """Measure the integrated loudness of W, the sound at the place of the listener (ITU-R BS.1770-4, gated).

    Args:
        sound: AmbiX sound, shape (4, samples). One shorter than a gating block of 0.4 seconds is measured
            as if silence followed it.
        sample_rate: Samples per second.

    Returns:
        LUFS; minus infinity for silence, or where all of it is below the absolute gate at -70 LUFS.

    Raises:
        ValueError: The shape of the sound is another one.
    """
    return measure([sound], sample_rate).loudness


def normalise(
    sound: FloatArray,
    sample_rate: float,
    target_lufs: float = BROADCAST_LOUDNESS,
    peak: float = DEFAULT_PEAK,
) -> Normalised:
    """Bring a sound field to a loudness with one gain, or as near to it as its peaks allow.

    Args:
        sound: AmbiX sound, shape (4, samples).
        sample_rate: Samples per second.
        target_lufs: Integrated loudness of W to reach, in LUFS.
        peak: Highest absolute sample allowed in any channel.

    Returns:
        The sound, of the same type, and the gain. Sound without a loudness (silence) is only kept within the
        peak.

    Raises:
        ValueError: The shape of the sound is another one.
    """
    gain = normalising_gain(measure([sound], sample_rate), target_lufs, peak)
    return Normalised(np.asarray(sound * sound.dtype.type(gain)), gain)


def normalising_gain(
    measured: Measured, target_lufs: float = BROADCAST_LOUDNESS, peak: float = DEFAULT_PEAK
) -> float:
    """Give the gain that brings a sound field to a loudness, or as near to it as its peaks allow.

    Args:
        measured: What `measure` found.
        target_lufs: Integrated loudness of W to reach, in LUFS.
        peak: Highest absolute sample allowed in any channel.

    Returns:
        The one gain of all channels.
    """
    gain = float(10 ** ((target_lufs - measured.loudness) / 20)) if np.isfinite(measured.loudness) else 1.0
    return gain * gain_to_peak(gain * measured.peak, peak)
