"""A sound field decoded to loudspeakers: mono, stereo and 5.1."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics.convention import FloatArray, W, X, Y, require_channels
from audiospace.ambisonics.harmonics import first_order

SURROUND_CHANNELS = ("L", "R", "C", "LFE", "Ls", "Rs")
"""Channels of 5.1 in the order of WAV files."""

_SURROUND_AZIMUTHS = {"L": 30.0, "R": -30.0, "C": 0.0, "Ls": 110.0, "Rs": -110.0}
"""Degrees, left is positive: ITU-R BS.775-3, figure 1."""

_VIRTUAL_SPEAKERS = 360
_MAX_RE_HORIZONTAL = 0.5**0.5
"""Weight of the first order in a horizontal decoder with the longest energy vector: cos(pi / (2 N + 2))."""


def mono(sound: FloatArray) -> FloatArray:
    """Give what an omnidirectional microphone hears: W.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).

    Returns:
        Sound, shape (..., samples), a view of the input.

    Raises:
        ValueError: The sound does not have four channels.
    """
    require_channels(sound)
    return sound[..., W, :]


def stereo(sound: FloatArray) -> FloatArray:
    """Give what two cardioid microphones hear that look left and right: (W + Y) / 2 and (W - Y) / 2.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).

    Returns:
        Left and right, shape (..., 2, samples). A source at the left is in the left channel only, at its full
        amplitude.

    Raises:
        ValueError: The sound does not have four channels.
    """
    require_channels(sound)
    middle, side = sound[..., W, :], sound[..., Y, :]
    return np.stack([(middle + side) / 2, (middle - side) / 2], axis=-2)


def _pan(azimuths: NDArray[np.float64], speakers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pan plane waves between the two nearest speakers of a ring, with constant power.

    Vector base amplitude panning: Pulkki, J. Audio Eng. Soc. 45(6), 1997.

    Args:
        azimuths: Where the waves come from, radians, shape (n,).
        speakers: Where the speakers stand, radians, shape (s,); neighbours are less than pi apart.

    Returns:
        Gains, shape (n, s).
    """
    gains = np.zeros((len(azimuths), len(speakers)))
    order = np.argsort(speakers)
    waves = np.stack([np.cos(azimuths), np.sin(azimuths)], axis=-1)
    for first, second in zip(order, np.roll(order, -1), strict=True):
        base = np.array([[np.cos(speakers[k]), np.sin(speakers[k])] for k in (first, second)])
        pair = waves @ np.linalg.inv(base)
        between = np.all(pair > -1e-9, axis=-1)
        pair = np.maximum(pair[between], 0.0)
        gains[between] = 0.0
        gains[np.ix_(between, [first, second])] = pair / np.linalg.norm(pair, axis=-1, keepdims=True)
    return gains


@lru_cache(maxsize=1)
def _surround_matrix() -> NDArray[np.float64]:
    """Decoder of shape (6, 4): horizontal all-round ambisonic panning, max-rE weights.

    Zotter and Frank, "All-round ambisonic panning and decoding", J. Audio Eng. Soc. 60(10), 2012: decode to a
    dense ring of virtual speakers, and pan each of these between the real ones. The gain is such that a plane
    wave's power, summed over the speakers and averaged over the horizon, is kept.
    """
    ring = 2 * np.pi * np.arange(_VIRTUAL_SPEAKERS) / _VIRTUAL_SPEAKERS
    weight = 2 * _MAX_RE_HORIZONTAL
    virtual = np.zeros((_VIRTUAL_SPEAKERS, 4))
    virtual[:, W], virtual[:, Y], virtual[:, X] = 1.0, weight * np.sin(ring), weight * np.cos(ring)
    speakers = np.radians([_SURROUND_AZIMUTHS[name] for name in _SURROUND_AZIMUTHS])
    decoder = _pan(ring, speakers).T @ virtual
    power = np.mean(np.sum((decoder @ first_order(ring, 0.0).T) ** 2, axis=0))
    rows = [SURROUND_CHANNELS.index(name) for name in _SURROUND_AZIMUTHS]
    matrix = np.zeros((len(SURROUND_CHANNELS), 4))
    matrix[rows] = decoder / np.sqrt(power)
    matrix.flags.writeable = False
    return matrix


def surround(sound: FloatArray) -> FloatArray:
    """Decode to 5.1: speakers at 0, 30 and 110 degrees to either side (ITU-R BS.775).

    There are no speakers above or below, so height is lost: a source overhead is heard from all around. The
    low-frequency channel is silent, since it carries effects and a sound field has none.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).

    Returns:
        Sound of the same type in the order L, R, C, LFE, Ls, Rs, shape (..., 6, samples).

    Raises:
        ValueError: The sound does not have four channels.
    """
    require_channels(sound)
    return np.asarray(_surround_matrix().astype(sound.dtype) @ sound)
