"""A sound field as a picture: where it is loud, at a few moments."""

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import energy_maps
from audiospace.training.stage import ShownSound

MOMENTS = 4
ROWS, COLUMNS = 64, 128
RANGE_DB = 12.0
GAP = 2
STOPS = np.array([[13, 8, 35], [97, 18, 86], [190, 55, 66], [247, 140, 40], [250, 240, 170]], np.float64)
"""Colours from quiet to loud: dark blue, purple, red, orange, pale yellow."""


def sound_picture(sound: ShownSound) -> NDArray[np.uint8]:
    """Draw energy maps of equal stretches of a sound, one below the other, first on top.

    Each map is equirectangular (front in the middle, left on the left) and shows the upper 12 dB of what a
    beam hears, relative to its own loudest direction; silence is dark.

    Args:
        sound: The sound.

    Returns:
        RGB, shape (rows, columns, 3).
    """
    seconds = sound.field.shape[1] / sound.sample_rate
    times = (np.arange(MOMENTS) + 0.5) * seconds / MOMENTS
    power = energy_maps(sound.field, sound.sample_rate, times, seconds / MOMENTS, ROWS, COLUMNS)
    loudest = power.max(axis=(1, 2), keepdims=True)
    level = 10 * np.log10(np.maximum(power, 1e-20) / np.maximum(loudest, 1e-12))
    framed = np.pad(np.clip(1 + level / RANGE_DB, 0, 1), ((0, 0), (0, GAP), (0, 0)))
    return _coloured(framed.reshape(-1, COLUMNS)[:-GAP])


def _coloured(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colours of values in 0..1."""
    places = np.linspace(0, 1, len(STOPS))
    channels = [np.interp(values, places, STOPS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)
