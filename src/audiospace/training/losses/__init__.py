"""Training losses, one a file."""

from audiospace.training.losses.a_weighting import a_weighting
from audiospace.training.losses.adversarial import discriminator_hinge, feature_distance, generator_hinge
from audiospace.training.losses.config import DiscriminatorConfig, VAELossConfig
from audiospace.training.losses.reconstruction import reconstruction_losses
from audiospace.training.losses.signals import CARDIOIDS, CHANNELS, channels_and_cardioids
from audiospace.training.losses.spatial import intensity_distance, random_rotation
from audiospace.training.losses.stft import (
    band_level_distance,
    band_members,
    magnitude_distance,
    shortest_signal,
    spectrum,
)

__all__ = [
    "CARDIOIDS",
    "CHANNELS",
    "DiscriminatorConfig",
    "VAELossConfig",
    "a_weighting",
    "band_level_distance",
    "band_members",
    "channels_and_cardioids",
    "discriminator_hinge",
    "feature_distance",
    "generator_hinge",
    "intensity_distance",
    "magnitude_distance",
    "random_rotation",
    "reconstruction_losses",
    "shortest_signal",
    "spectrum",
]
