"""Errors of direction as the authors' own script computes them, to set figures beside published ones.

The formulas are those of the public repository audiospace-360v2sa/Audiospace, file metrics/src/spatial.py.
They differ from `spatial_errors` in two ways, and for both they should not be used to judge a system:

- The channels of the file are taken as W, X, Y, Z. AmbiX files hold W, Y, Z, X, so that the axes called
  x, y, z are in truth y (left), z (up), x (front): "azimuth" is an angle about the front axis, "elevation" is
  the angle off the left-right plane, towards the front. The great-circle angle would survive the permutation.
- The horizontal intensity is not allowed below 1e-3 (its square not below 1e-6) where the elevation is
  computed, and the great-circle angle uses that elevation. The intensity is proportional to the power of the
  sound, so that the elevation of any sound quieter than about -30 dB relative to full scale is drawn towards
  zero, and both figures depend on loudness.

Measured on 12 real clips with three published systems' sound (azimuth, elevation, great circle, in radians):

====================================  ==================  ==================
system                                `spatial_errors`    published formulas
====================================  ==================  ==================
published AudioSpace (10 clips)       1.35, 0.08, 1.30    1.77, 0.64, 1.39
ViSAGe                                1.02, 0.36, 1.08    1.37, 0.72, 1.30
MMAudio with the recorded direction   0.01, 0.01, 0.01    0.01, 0.27, 0.27
always front                          1.45, 0.16, 1.49    0.87, 0.89, 1.13
====================================  ==================  ==================

MMAudio's sound was given the recorded direction, and is 0.27 wrong only because its level is another one.
When ViSAGe's sound for one clip (G8pABGosD38l_17) is made 20 dB quieter, its elevation error rises from 0.15
to 0.84 and its angle from 1.49 to 2.12; by `spatial_errors` the angle stays at 1.00.
"""

import numpy as np
from numpy.typing import NDArray

from audiospace.metrics.sound_field import SoundField
from audiospace.metrics.spatial import SpatialErrors

FLOOR = 1e-6
"""Least square of the horizontal intensity, in full-scale units to the fourth power."""


def published_errors(reference: SoundField, generated: SoundField) -> SpatialErrors:
    """Compare the directions of two sounds with the published formulas.

    Every figure is in radians; 0 is perfect, chance is pi / 2 for the azimuth, and depends on loudness for
    the others. There is no undefined case: silence and mono sound count as sound from azimuth 0, elevation 0,
    which is the left side of an AmbiX file.

    Args:
        reference: Recorded sound.
        generated: Sound to judge; its length and its sample rate may be others.

    Returns:
        The three errors as the script names them; of the axes above, not of those that we call azimuth and
        elevation.
    """
    theta, phi = _angles(reference.whole)
    other_theta, other_phi = _angles(generated.whole)
    apart = abs(theta - other_theta)
    haversine = (
        np.sin((phi - other_phi) / 2) ** 2
        + np.cos(phi) * np.cos(other_phi) * np.sin((theta - other_theta) / 2) ** 2
    )
    clipped = np.clip(haversine, 0.0, 1.0)
    return SpatialErrors(
        azimuth=min(apart, 2 * np.pi - apart),
        elevation=abs(phi - other_phi),
        angle=float(2 * np.arctan2(np.sqrt(clipped), np.sqrt(1 - clipped))),
    )


def _angles(matrix: NDArray[np.float64]) -> tuple[float, float]:
    """Azimuth and elevation of the intensity whose x, y, z are taken from channels 1, 2, 3 in file order."""
    x, y, z = matrix[0, 1:]
    theta = np.arctan2(y, x)
    phi = np.arctan2(z, np.sqrt(max(x**2 + y**2, FLOOR)))
    return float(theta), float(phi)
