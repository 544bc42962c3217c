"""Random functions of time and direction: smooth, and of unit variance."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Array = NDArray[np.float64]

_WAVES = 24


def spacing(times: Array) -> float:
    """Seconds between evenly spaced times, shape (T,); a second if there is only one."""
    return float(times[1] - times[0]) if len(times) > 1 else 1.0


def over_time(rng: np.random.Generator, count: int, step: float, memory: float, *series: int) -> Array:
    """Draw series that forget: an Ornstein-Uhlenbeck process, sampled.

    Its autocorrelation after a lag t is exp(-t / memory) (Uhlenbeck and Ornstein, "On the theory of the
    Brownian motion", 1930).

    Args:
        rng: Source of randomness.
        count: Number of steps, T.
        step: Seconds between them.
        memory: Seconds after which the autocorrelation is 1 / e.
        *series: Shape of what is drawn at each step.

    Returns:
        Shape (T, *series), zero mean and unit variance.
    """
    kept = float(np.exp(-step / memory))
    shocks = rng.standard_normal((count, *series))
    shocks[1:] *= np.sqrt(1.0 - kept**2)
    drawn: Array = lfilter([1.0], [1.0, -kept], shocks, axis=0)
    return drawn


def over_sphere(rng: np.random.Generator, directions: Array, detail: float, *series: int) -> Array:
    """Draw smooth functions of direction: sums of plane waves that cross the sphere every which way.

    Args:
        rng: Source of randomness.
        directions: Unit vectors, shape (N, 3).
        detail: Radians of phase per unit of length: 2 changes once over the sphere, 6 every 30 degrees.
        *series: Shape of what is drawn.

    Returns:
        Shape (N, *series), about zero mean and unit variance over many draws.
    """
    waves = rng.standard_normal((3, _WAVES, *series)) * detail / np.sqrt(3.0)
    phases = rng.uniform(0.0, 2.0 * np.pi, (_WAVES, *series))
    drawn: Array = np.sqrt(2.0 / _WAVES) * np.cos(np.tensordot(directions, waves, axes=1) + phases).sum(
        axis=1
    )
    return drawn
