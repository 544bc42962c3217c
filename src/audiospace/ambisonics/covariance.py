"""Second-order statistics of a sound field: all that energy, direction, diffuseness and energy maps need."""

from collections.abc import Iterable

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


def covariance_of_blocks(blocks: Iterable[FloatArray]) -> NDArray[np.float64]:
    """Average the products of all pairs of channels over a sound that arrives in blocks.

    Args:
        blocks: Pieces of an AmbiX sound, each of shape (4, n) for any n.

    Returns:
        Symmetric matrix, shape (4, 4); zero where there are no samples.

    Raises:
        ValueError: A block does not have four channels.
    """
    total = np.zeros((CHANNELS, CHANNELS))
    samples = 0
    for block in blocks:
        total += covariance(block) * block.shape[-1]
        samples += block.shape[-1]
    return total / max(1, samples)


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
    return covariances_of_blocks([sound], sample_rate, times, window)


def covariances_of_blocks(
    blocks: Iterable[FloatArray], sample_rate: float, times: FloatArray, window: float
) -> NDArray[np.float64]:
    """Give the covariance within a window about each of several times, of a sound that arrives in blocks.

    Args:
        blocks: Pieces of an AmbiX sound in order, each of shape (4, n) for any n.
        sample_rate: Samples per second.
        times: Centres of the windows in seconds, shape (t,).
        window: Length of the windows in seconds, as for `covariances_over_time`.

    Returns:
        Symmetric matrices, shape (t, 4, 4).

    Raises:
        ValueError: The shape of a block is another one, or the window is not positive.
    """
    if window <= 0:
        raise ValueError(f"the window must be positive, got {window} seconds")
    length = max(1, round(window * sample_rate))
    first = np.round(np.asarray(times) * sample_rate - length / 2).astype(np.int64)
    sums = np.zeros((len(first), CHANNELS, CHANNELS))
    begin = 0
    for block in blocks:
        require_channels(block)
        if block.ndim != 2:
            raise ValueError(f"expected sound of shape (4, samples), got {block.shape}")
        end = begin + block.shape[-1]
        for k in np.flatnonzero((first < end) & (first + length > begin)):
            part = block[:, max(0, first[k] - begin) : first[k] + length - begin].astype(np.float64)
            sums[k] += part @ part.T
        begin = end
    heard = np.clip(first + length, 0, begin) - np.clip(first, 0, begin)
    return np.asarray(sums / np.maximum(heard, 1)[:, None, None])
