"""How the channels of a first-order sound field are ordered and scaled, and conversions between conventions.

Inside the project a sound field is always AmbiX (ACN channel order, SN3D gains; Nachbar, Zotter, Deleflie
and Sontacchi, "AmbiX - A Suggested Ambisonics Format", Ambisonics Symposium 2011). Everything else exists
only here, as a named conversion.
"""

from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.floating]
"""An array of floating-point numbers of any precision."""

CHANNELS = 4
"""Channels of a first-order sound field."""

W, Y, Z, X = 0, 1, 2, 3
"""Index of each component in AmbiX order."""

HEAD_LOCKED_CHANNELS = 2
"""Channels of the stereo track that follows the field in YouTube's six-channel layout."""


class Convention(Enum):
    """A named way to store a first-order sound field.

    A plane wave s from azimuth a and elevation e is stored as:

    - AMBIX: s, s sin(a)cos(e), s sin(e), s cos(a)cos(e), the order being W, Y, Z, X.
    - FUMA: order W, X, Y, Z and W lowered by 3 dB, to s / sqrt(2) (Furse-Malham, the classical B-format).
    - N3D: order W, Y, Z, X and Y, Z, X raised by sqrt(3).
    - WXYZ: order W, X, Y, Z with AmbiX gains.
    - YOUTUBE6: AmbiX and then a head-locked stereo pair, left and right: six channels.
    """

    AMBIX = "ambix"
    FUMA = "fuma"
    N3D = "n3d"
    WXYZ = "wxyz"
    YOUTUBE6 = "youtube6"

    @property
    def channels(self) -> int:
        """Number of channels that this convention stores."""
        return CHANNELS + HEAD_LOCKED_CHANNELS if self is Convention.YOUTUBE6 else CHANNELS


_ACN_ORDER = (W, Y, Z, X)
_LETTER_ORDER = (W, X, Y, Z)

_STORED_AS: dict[Convention, tuple[tuple[int, ...], tuple[float, ...]]] = {
    Convention.AMBIX: (_ACN_ORDER, (1.0, 1.0, 1.0, 1.0)),
    Convention.FUMA: (_LETTER_ORDER, (0.5**0.5, 1.0, 1.0, 1.0)),
    Convention.N3D: (_ACN_ORDER, (1.0, 3**0.5, 3**0.5, 3**0.5)),
    Convention.WXYZ: (_LETTER_ORDER, (1.0, 1.0, 1.0, 1.0)),
    Convention.YOUTUBE6: (_ACN_ORDER, (1.0, 1.0, 1.0, 1.0)),
}
"""For each convention, the AmbiX component in each stored channel and the gain that it is stored with."""


def require_channels(sound: FloatArray, channels: int = CHANNELS) -> None:
    """Check that an array is sound with a given number of channels.

    Args:
        sound: Array that should have shape (..., channels, samples) and a floating-point type.
        channels: Number of channels it should have.

    Raises:
        ValueError: The shape or the type is another one.
    """
    if sound.ndim < 2 or sound.shape[-2] != channels:
        raise ValueError(f"expected sound of shape (..., {channels}, samples), got {sound.shape}")
    if not np.issubdtype(sound.dtype, np.floating):
        raise ValueError(f"expected floating-point sound, got {sound.dtype}")


def to_ambix(sound: FloatArray, source: Convention) -> FloatArray:
    """Convert a sound field to AmbiX.

    The head-locked pair of six-channel sound is left out; `head_locked` returns it.

    Args:
        sound: Sound in the convention `source`, shape (..., source.channels, samples).
        source: How `sound` is stored.

    Returns:
        AmbiX sound of the same type, shape (..., 4, samples).

    Raises:
        ValueError: The number of channels is not that of `source`.
    """
    require_channels(sound, source.channels)
    components, gains = _STORED_AS[source]
    ambix = np.empty((*sound.shape[:-2], CHANNELS, sound.shape[-1]), dtype=sound.dtype)
    for channel, (component, gain) in enumerate(zip(components, gains, strict=True)):
        ambix[..., component, :] = sound[..., channel, :] / gain
    return ambix


def from_ambix(
    sound: FloatArray, target: Convention, *, head_locked_stereo: FloatArray | None = None
) -> FloatArray:
    """Convert an AmbiX sound field to another convention.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).
        target: How to store it.
        head_locked_stereo: For YOUTUBE6 only: left and right, shape (..., 2, samples); silence if not given.

    Returns:
        Sound of the same type, shape (..., target.channels, samples).

    Raises:
        ValueError: The sound does not have four channels, or `target` has no place for head-locked stereo.
    """
    require_channels(sound)
    if head_locked_stereo is not None:
        require_channels(head_locked_stereo, HEAD_LOCKED_CHANNELS)
        if target is not Convention.YOUTUBE6:
            raise ValueError(f"the convention {target.value} has no head-locked channels")
    components, gains = _STORED_AS[target]
    stored = np.zeros((*sound.shape[:-2], target.channels, sound.shape[-1]), dtype=sound.dtype)
    for channel, (component, gain) in enumerate(zip(components, gains, strict=True)):
        stored[..., channel, :] = sound[..., component, :] * gain
    if head_locked_stereo is not None:
        stored[..., CHANNELS:, :] = head_locked_stereo
    return stored


def head_locked(sound: FloatArray) -> FloatArray:
    """Give the head-locked stereo pair of six-channel sound: it stays put when the listener turns.

    Args:
        sound: Sound in the convention YOUTUBE6, shape (..., 6, samples).

    Returns:
        Left and right, shape (..., 2, samples), a view of `sound`.

    Raises:
        ValueError: The sound does not have six channels.
    """
    require_channels(sound, Convention.YOUTUBE6.channels)
    return sound[..., CHANNELS:, :]
