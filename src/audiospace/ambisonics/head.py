"""Heads to listen with: what arrives at the two ears from each direction.

A head is either a rigid sphere, whose response is known in closed form and needs no data, or a measured one
(`sofa`).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.special import eval_legendre, spherical_jn, spherical_yn

from audiospace.ambisonics.harmonics import unit_vector

_GRID_RINGS = 24
"""Rings of the quadrature grid: exact for products of harmonics up to degree 47."""


@dataclass(frozen=True)
class EarResponses:
    """Transfer functions from plane waves to the two ears, relative to the centre of the absent head.

    Attributes:
        directions: Unit vectors (x, y, z) of where the waves come from, shape (k, 3).
        weights: Share of the sphere that each direction stands for, shape (k,), sum 1.
        left: Complex response of the left ear, e^{+i omega t}, shape (frequencies, k).
        right: The same of the right ear.
    """

    directions: NDArray[np.float64]
    weights: NDArray[np.float64]
    left: NDArray[np.complex128]
    right: NDArray[np.complex128]


class Head(Protocol):
    """Anything that knows what arrives at the ears. It has to be hashable: filters made for it are kept."""

    def responses(self, frequencies: NDArray[np.float64]) -> EarResponses:
        """Give the responses at some frequencies in hertz, for directions that cover the sphere."""

    def __hash__(self) -> int: ...


def diffuse_field_power(responses: EarResponses) -> NDArray[np.float64]:
    """Give the power that an ear gets from a diffuse field, as the mean of both ears.

    Args:
        responses: Responses at f frequencies.

    Returns:
        Power relative to that at the place of the absent head, shape (f,).
    """
    both = np.abs(responses.left) ** 2 + np.abs(responses.right) ** 2
    return np.asarray(both @ responses.weights / 2, dtype=np.float64)


@dataclass(frozen=True)
class SphericalHead:
    """A rigid sphere with an ear on either side.

    Attributes:
        radius: Metres; 0.0875 is the usual mean of adults (Kuhn, J. Acoust. Soc. Am. 62(1), 1977).
        ear_azimuth: Radians from the front; ears sit a little behind the middle, at 100 degrees (Blauert).
        ear_elevation: Radians.
        speed_of_sound: Metres per second.
    """

    radius: float = 0.0875
    ear_azimuth: float = float(np.radians(100.0))
    ear_elevation: float = 0.0
    speed_of_sound: float = 343.0

    def responses(self, frequencies: NDArray[np.float64]) -> EarResponses:
        """Give the responses of the two ears for directions that cover the sphere.

        Args:
            frequencies: Hertz, shape (f,).

        Returns:
            Responses on a Gauss-Legendre grid that is its own mirror image.
        """
        directions, weights = _quadrature_grid()
        left_ear = unit_vector(self.ear_azimuth, self.ear_elevation)
        right_ear = unit_vector(-self.ear_azimuth, self.ear_elevation)
        return EarResponses(
            directions=directions,
            weights=weights,
            left=self.surface_pressure(frequencies, directions @ left_ear),
            right=self.surface_pressure(frequencies, directions @ right_ear),
        )

    def surface_pressure(
        self, frequencies: NDArray[np.float64], cosines: NDArray[np.float64]
    ) -> NDArray[np.complex128]:
        """Give the pressure on a rigid sphere in a plane wave, relative to the wave's at the sphere's centre.

        Duda and Martens, "Range dependence of the response of a spherical head model", J. Acoust. Soc. Am.
        104(5), 1998, for an infinitely distant source and time factor e^{+i omega t}:
        H = -i / x^2 sum_m i^m (2 m + 1) P_m(cos) / h_m'(x), with x = 2 pi f radius / c and h_m the spherical
        Hankel function of the second kind.

        Args:
            frequencies: Hertz, not negative, shape (f,).
            cosines: Cosine of the angle between the point on the sphere and the source, shape (k,).

        Returns:
            Complex pressure, shape (f, k); 1 at 0 Hz.
        """
        x = 2 * np.pi * np.asarray(frequencies, dtype=np.float64) * self.radius / self.speed_of_sound
        sounding = x > 1e-6
        inside = x[sounding]
        modes = np.arange(int(np.ceil(inside.max(initial=0.0))) + 20)
        legendre = eval_legendre(modes[:, None], cosines[None, :])
        with np.errstate(over="ignore", invalid="ignore"):
            slope = spherical_jn(modes, inside[:, None], derivative=True) - 1j * spherical_yn(
                modes, inside[:, None], derivative=True
            )
            coefficients = -1j * 1j**modes * (2 * modes + 1) / (inside[:, None] ** 2 * slope)
        coefficients[~np.isfinite(coefficients)] = 0.0
        pressure = np.ones((len(x), len(cosines)), dtype=np.complex128)
        pressure[sounding] = coefficients @ legendre
        return pressure


def _quadrature_grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Directions (k, 3) and weights (k,) of a Gauss-Legendre quadrature of the sphere."""
    heights, ring_weights = leggauss(_GRID_RINGS)
    azimuth = 2 * np.pi * np.arange(2 * _GRID_RINGS) / (2 * _GRID_RINGS)
    directions = unit_vector(azimuth[None, :], np.arcsin(heights)[:, None]).reshape(-1, 3)
    return directions, np.repeat(ring_weights / ring_weights.sum(), len(azimuth)) / len(azimuth)
