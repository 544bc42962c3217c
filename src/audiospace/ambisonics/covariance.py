"""Second-order statistics of a sound field: all that energy, direction, diffuseness and energy maps need."""

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics.convention import CHANNELS, FloatArray, require_channels


def covariance(sound: FloatArray) -> NDArray[np.float64]:
    """Average the products of all pairs of channels over time.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).

    Returns:
        Symmetric matrices, shape (..., 4, 4); zero where there are no samples.

    Raises:
        ValueError: The sound does not have four channels.
    """
    require_channels(sound)
    exact = sound.astype(np.float64, copy=False)
    return np.asarray(exact @ np.swapaxes(exact, -1, -2) / max(1, sound.shape[-1]))


def covariances_over_time(
    sound: FloatArray, sample_rate: float, times: FloatArray, window: float
) -> NDArray[np.float64]:
    """Give the covariance within a window about each of several times.

    Args:
        sound: AmbiX sound, shape (4, samples).
        sample_rate: Samples per second.
        times: Centres of the windows in seconds, shape (t,).
        window: Length of the windows in seconds. They are cut at the ends of the sound; one that lies outside
            gives zero.

    Returns:
        Symmetric matrices, shape (t, 4, 4).

    Raises:
        ValueError: The shape of the sound is another one, or the window is not positive.
    """
    require_channels(sound)
    if sound.ndim != 2:
        raise ValueError(f"expected sound of shape (4, samples), got {sound.shape}")
    if window <= 0:
        raise ValueError(f"the window must be positive, got {window} seconds")
    length = max(1, round(window * sample_rate))
    first = np.round(np.asarray(times) * sample_rate - length / 2).astype(np.int64)
    result = np.zeros((len(first), CHANNELS, CHANNELS))
    for k, start in enumerate(first):
        result[k] = covariance(sound[:, max(0, start) : max(0, start + length)])
    return result
