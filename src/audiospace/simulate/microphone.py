"""The noise that a first-order microphone makes by itself.

Such a microphone has four cardioid capsules at the corners of a tetrahedron (Gerzon, "The design of precisely
coincident microphone arrays for stereo and surround sound", 50th AES Convention, 1975). A plane wave from a
direction d reaches the capsule that looks along u with a gain of (1 + u . d) / 2, so W is half the sum of the
capsules and X is 3/2 of their sum weighted with the x of u. Independent noise of variance v in each capsule
then has a variance of v in W and of 3 v in each dipole, and no correlation between them: the reverse of a
diffuse field, whose dipoles are weaker than W.
"""

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import CHANNELS

DIPOLE = 3**0.5
"""Amplitude of the noise in each dipole, relative to W."""


def self_noise(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Make white noise as capsules and preamplifiers add it.

    Args:
        count: Number of samples.
        rng: Source of randomness.

    Returns:
        AmbiX sound, shape (4, count); expected RMS of W 1, of the others `DIPOLE`.
    """
    noise = rng.standard_normal((CHANNELS, count), dtype=np.float32)
    noise[1:] *= np.float32(DIPOLE)
    return noise
