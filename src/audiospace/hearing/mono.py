"""One channel of many, as models of sounds want it."""

import numpy as np
from numpy.typing import NDArray

_PEAK = 10 ** (-1 / 20)


def published_mono(sound: NDArray[np.floating]) -> NDArray[np.float32]:
    """Mix a sound as the published evaluations do: the mean of all channels, its peak at -1 dB of full scale.

    Of AmbiX sound the mean of W, Y, Z and X is not what an omnidirectional microphone would pick up: it hears
    a plane wave with a gain of (1 + sqrt(3) cos t) / 4, where t is its angle to the axis (1, 1, 1), which
    points to the left, to the front and up. That is 0.68 on the axis, 0 at 125 degrees from it and -0.18
    behind, so figures made of this mixture change when the scene is turned. Source: `openl3_fd_stable.py` and
    `passt_kld.py` of AudioSpace, after stable-audio-metrics, where `librosa.load` mixes four channels.

    Args:
        sound: Shape (channels, n).

    Returns:
        Shape (n,). Silence remains silence; the published scripts divide it by zero.

    Raises:
        ValueError: The array has another shape, or no samples.
    """
    mixture = _checked(sound).mean(axis=0, dtype=np.float64)
    peak = np.abs(mixture).max()
    return np.asarray(mixture * (_PEAK / peak if peak > 0.0 else 1.0), dtype=np.float32)


def omnidirectional_mono(sound: NDArray[np.floating]) -> NDArray[np.float32]:
    """Take what an omnidirectional microphone would pick up, which does not change when the scene is turned.

    Args:
        sound: Shape (channels, n); four channels are AmbiX.

    Returns:
        Shape (n,): W of AmbiX sound, the mean of the channels of any other.

    Raises:
        ValueError: The array has another shape, or no samples.
    """
    checked = _checked(sound)
    return np.asarray(checked[0] if len(checked) == 4 else checked.mean(axis=0), dtype=np.float32)


def _checked(sound: NDArray[np.floating]) -> NDArray[np.floating]:
    if sound.ndim != 2 or 0 in sound.shape:
        raise ValueError(f"expected a sound of shape (channels, samples), got {sound.shape}")
    return sound
