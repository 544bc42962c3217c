"""Acoustic intensity of a sound field, and what follows from it: direction of arrival and diffuseness.

In AmbiX, W is the sound pressure p and (X, Y, Z) is the particle velocity times -rho c, so the mean of
W (X, Y, Z) is the active intensity up to a constant, with the sign that points to where the sound comes from.
Energy and diffuseness follow Merimaa and Pulkki, "Spatial impulse response rendering I", J. Audio Eng. Soc.
53(12), 2005.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics.convention import FloatArray, W, X, Y, Z
from audiospace.ambisonics.covariance import covariance, covariances_over_time
from audiospace.ambisonics.harmonics import angles


@dataclass(frozen=True)
class Direction:
    """Where a sound comes from, on average.

    Attributes:
        azimuth: Radians in [-pi, pi], left is positive; 0 where there is no direction.
        elevation: Radians in [-pi / 2, pi / 2], up is positive; 0 where there is no direction.
        vector: Unit vector (x, y, z); zero where there is no direction.
        energy: Mean energy: that of a plane wave is its mean square.
        diffuseness: 0 for a plane wave, 1 for a diffuse field and for silence.
    """

    azimuth: float
    elevation: float
    vector: NDArray[np.float64]
    energy: float
    diffuseness: float


@dataclass(frozen=True)
class DirectionTrack:
    """Where a sound comes from, over time: `Direction` for each of k windows.

    Attributes:
        times: Centres of the windows in seconds, shape (k,).
        vectors: Unit vectors (x, y, z), shape (k, 3); zero where there is no direction.
        azimuth: Radians in [-pi, pi], shape (k,).
        elevation: Radians in [-pi / 2, pi / 2], shape (k,).
        energy: Mean energy, shape (k,).
        diffuseness: In [0, 1], shape (k,).
    """

    times: NDArray[np.float64]
    vectors: NDArray[np.float64]
    azimuth: NDArray[np.float64]
    elevation: NDArray[np.float64]
    energy: NDArray[np.float64]
    diffuseness: NDArray[np.float64]


def _intensity_of(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([matrix[..., W, X], matrix[..., W, Y], matrix[..., W, Z]], axis=-1)


def _energy_of(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.trace(matrix, axis1=-2, axis2=-1) / 2)


def _diffuseness_of(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    strength = np.linalg.norm(_intensity_of(matrix), axis=-1)
    energy = _energy_of(matrix)
    ratio = np.divide(strength, energy, out=np.zeros_like(energy), where=energy > 0)
    return np.asarray(np.clip(1.0 - ratio, 0.0, 1.0))


def _normalised(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0))


def intensity(sound: FloatArray) -> NDArray[np.float64]:
    """Give the active intensity averaged over time: the mean of W (X, Y, Z).

    Args:
        sound: AmbiX sound, shape (..., 4, samples).

    Returns:
        Vectors (x, y, z) that point to where the sound comes from, shape (..., 3); the length of that of
        a plane wave is its mean square.

    Raises:
        ValueError: The sound does not have four channels.
    """
    return _intensity_of(covariance(sound))


def diffuseness(sound: FloatArray) -> NDArray[np.float64]:
    """Give the diffuseness 1 - |I| / E of a sound field, with E = (W^2 + X^2 + Y^2 + Z^2) / 2.

    Args:
        sound: AmbiX sound, shape (..., 4, samples).

    Returns:
        0 for a plane wave, 1 for a diffuse field and for silence, shape (...).

    Raises:
        ValueError: The sound does not have four channels.
    """
    return _diffuseness_of(covariance(sound))


def direction(sound: FloatArray) -> Direction:
    """Estimate where a sound comes from on average over its whole length.

    Args:
        sound: AmbiX sound, shape (4, samples).

    Returns:
        Its direction, energy and diffuseness.

    Raises:
        ValueError: The shape of the sound is another one.
    """
    if sound.ndim != 2:
        raise ValueError(f"expected sound of shape (4, samples), got {sound.shape}")
    return direction_of(covariance(sound))


def direction_of(matrix: NDArray[np.float64]) -> Direction:
    """Estimate where a sound comes from, from the covariance of its channels.

    Args:
        matrix: Covariance over the sound's whole length, shape (4, 4).

    Returns:
        Its direction, energy and diffuseness.
    """
    vector = _normalised(_intensity_of(matrix))
    azimuth, elevation = angles(vector)
    return Direction(
        azimuth=float(azimuth),
        elevation=float(elevation),
        vector=vector,
        energy=float(_energy_of(matrix)),
        diffuseness=float(_diffuseness_of(matrix)),
    )


def directions_over_time(
    sound: FloatArray, sample_rate: float, window: float = 0.1, hop: float = 0.05
) -> DirectionTrack:
    """Estimate where a sound comes from in windows that follow each other.

    Args:
        sound: AmbiX sound, shape (4, samples).
        sample_rate: Samples per second.
        window: Length of the windows in seconds; at the ends of the sound they are cut.
        hop: Time from one window to the next in seconds. Window k is centred on (k + 0.5) hop, as video
            frames of that length are.

    Returns:
        Directions, energies and diffusenesses; at least one, if the sound has any samples.

    Raises:
        ValueError: The shape of the sound is another one, or window or hop are not positive.
    """
    if hop <= 0:
        raise ValueError(f"the hop must be positive, got {hop} seconds")
    times = window_times(sound.shape[-1], sample_rate, hop)
    return track_of(times, covariances_over_time(sound, sample_rate, times, window))


def window_times(samples: int, sample_rate: float, hop: float) -> NDArray[np.float64]:
    """Place windows that follow each other over a sound.

    Args:
        samples: Length of the sound.
        sample_rate: Samples per second.
        hop: Time from one window to the next in seconds, above 0.

    Returns:
        Their centres (k + 0.5) hop in seconds; at least one, if there are any samples.
    """
    count = max(min(1, samples), round(samples / sample_rate / hop))
    return np.asarray((np.arange(count) + 0.5) * hop)


def track_of(times: NDArray[np.float64], matrices: NDArray[np.float64]) -> DirectionTrack:
    """Estimate where a sound comes from over time, from covariances of its channels.

    Args:
        times: Centres of the windows in seconds, shape (k,).
        matrices: Covariance within each, shape (k, 4, 4).

    Returns:
        Directions, energies and diffusenesses at those times.
    """
    vectors = _normalised(_intensity_of(matrices))
    azimuth, elevation = angles(vectors)
    return DirectionTrack(
        times=times,
        vectors=vectors,
        azimuth=azimuth,
        elevation=elevation,
        energy=_energy_of(matrices),
        diffuseness=_diffuseness_of(matrices),
    )
