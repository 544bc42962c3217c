"""Power of a sound field by direction, on an equirectangular grid.

A first-order beam towards u hears g(u) = c0 W + c1 (u . (X, Y, Z)); its mean power is g(u)' C g(u) with the
covariance C of the four channels, so a map costs the same for any length of sound.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics.convention import FloatArray
from audiospace.ambisonics.covariance import covariance, covariances_over_time
from audiospace.ambisonics.harmonics import first_order

Beam = Literal["max-re", "cardioid", "hypercardioid"]
"""Shape of the beam that looks into each direction."""

BEAMS: dict[Beam, float] = {"max-re": 3**0.5, "cardioid": 1.0, "hypercardioid": 3.0}
"""Weight of the directional part of a beam (1 + weight cos(angle)) / (1 + weight), which hears a plane wave
from where it looks with gain 1: "max-re" has the longest energy vector (Daniel, thesis, Paris 6, 2000),
"cardioid" no lobe at the back, "hypercardioid" the most directivity."""


@lru_cache(maxsize=16)
def _beam_grid(height: int, width: int, beam: Beam) -> NDArray[np.float64]:
    """Products of the beam's gains for each pixel, shape (height * width, 16)."""
    azimuth = np.pi - 2 * np.pi * (np.arange(width) + 0.5) / width
    elevation = np.pi / 2 - np.pi * (np.arange(height) + 0.5) / height
    weight = BEAMS[beam]
    gains = first_order(azimuth[None, :], elevation[:, None]).reshape(-1, 4)
    gains = gains * np.array([1.0, weight, weight, weight]) / (1.0 + weight)
    products: NDArray[np.float64] = np.einsum("pi,pj->pij", gains, gains).reshape(-1, 16)
    products.flags.writeable = False
    return products


def maps_of(
    matrices: NDArray[np.float64], height: int = 32, width: int = 64, beam: Beam = "max-re"
) -> NDArray[np.float64]:
    """Give energy maps from covariances of the four channels.

    Args:
        matrices: Covariances, shape (..., 4, 4).
        height: Rows, as for `energy_map`.
        width: Columns, as for `energy_map`.
        beam: Shape of the beam.

    Returns:
        Power, shape (..., height, width).

    Raises:
        ValueError: There is no such beam.
    """
    if beam not in BEAMS:
        raise ValueError(f"there is no beam {beam!r}; choose from {', '.join(BEAMS)}")
    power = matrices.reshape(-1, 16) @ _beam_grid(height, width, beam).T
    return np.asarray(np.maximum(power, 0.0).reshape(*matrices.shape[:-2], height, width))


def energy_map(
    sound: FloatArray, height: int = 32, width: int = 64, beam: Beam = "max-re"
) -> NDArray[np.float64]:
    """Give the mean power that a beam hears from each direction.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).
        height: Rows; row i looks at elevation pi / 2 - pi (i + 0.5) / height.
        width: Columns; column j looks at azimuth pi - 2 pi (j + 0.5) / width, so the front is in the middle
            and the left side on the left.
        beam: Shape of the beam.

    Returns:
        Power, shape (..., height, width); a plane wave has its mean square in its own direction.

    Raises:
        ValueError: The sound does not have four channels, or there is no such beam.
    """
    return maps_of(covariance(sound), height, width, beam)


def energy_maps(
    sound: FloatArray,
    sample_rate: float,
    times: FloatArray,
    window: float,
    height: int = 32,
    width: int = 64,
    beam: Beam = "max-re",
) -> NDArray[np.float64]:
    """Give energy maps of the windows about several times.

    Args:
        sound: AmbiX sound, shape (4, samples).
        sample_rate: Samples per second.
        times: Centres of the windows in seconds, shape (t,).
        window: Length of the windows in seconds, cut at the ends of the sound.
        height: Rows, as for `energy_map`.
        width: Columns, as for `energy_map`.
        beam: Shape of the beam.

    Returns:
        Power, shape (t, height, width).

    Raises:
        ValueError: The shape of the sound is another one, the window is not positive, or there is no such
            beam.
    """
    return maps_of(covariances_over_time(sound, sample_rate, times, window), height, width, beam)
