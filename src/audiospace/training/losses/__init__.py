"""Training losses, one a file."""

from audiospace.training.losses.spatial import intensity_distance, random_rotation, tetrahedral_beams
from audiospace.training.losses.stft import (
    RESOLUTIONS,
    band_level_distance,
    band_members,
    magnitude_distance,
    spectrum,
)

__all__ = [
    "RESOLUTIONS",
    "band_level_distance",
    "band_members",
    "intensity_distance",
    "magnitude_distance",
    "random_rotation",
    "spectrum",
    "tetrahedral_beams",
]
