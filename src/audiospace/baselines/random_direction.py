"""A direction by chance, the same for a clip in every run."""

import zlib

import numpy as np
from numpy.typing import NDArray


def random_direction(clip: str, seed: int) -> NDArray[np.float64]:
    """Draw a direction, uniformly on the sphere.

    Args:
        clip: Name of the clip.
        seed: Not negative; another one gives other directions.

    Returns:
        Unit vector (x, y, z), shape (3,).
    """
    vector = np.random.default_rng([seed, zlib.crc32(clip.encode())]).standard_normal(3)
    return np.asarray(vector / np.linalg.norm(vector))
