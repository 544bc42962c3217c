"""Stage 1: the four-channel autoencoder learns to carry sound and where it comes from."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from audiospace.ambisonics import angular_distance, intensity
from audiospace.models import AudioVAE
from audiospace.training.config import DataConfig
from audiospace.training.engine import step_randomness
from audiospace.training.fields import SoundPool, random_field, sound_library
from audiospace.training.losses import (
    RESOLUTIONS,
    band_level_distance,
    intensity_distance,
    magnitude_distance,
    random_rotation,
    spectrum,
    tetrahedral_beams,
)

INTENSITY_RESOLUTION = 512
SPECTRAL_WEIGHT = 0.5
INTENSITY_WEIGHT = 2.0
KL_WEIGHT = 2e-4
VALIDATION_SEED = 20_000_003


@dataclass
class VAEStage:
    """The autoencoder with its data and losses.

    Attributes:
        vae: The trainable network.
        sounds: Sounds to draw from.
        data: Segment length and validation size.
    """

    vae: AudioVAE
    sounds: SoundPool
    data: DataConfig

    @classmethod
    def build(cls, vae: AudioVAE, data: DataConfig, seed: int) -> "VAEStage":
        """Draw the sounds and make the stage.

        Args:
            vae: The network to train.
            data: Which sounds, and how long the segments are.
            seed: Of the sounds drawn.

        Returns:
            The stage.
        """
        pool = SoundPool.fill(sound_library(data.sounds), vae.config.sample_rate, seed, data.pool_draws)
        return cls(vae, pool, data)

    @property
    def network(self) -> nn.Module:
        """The trainable part."""
        return self.vae

    def losses(self, step: int, batch_size: int, seed: int) -> dict[str, Tensor]:
        """Reconstruct a batch of fields drawn anew for this step.

        Args:
            step: Number of the step.
            batch_size: Fields in the batch.
            seed: The run's seed.

        Returns:
            Scalars: 'total' and the terms of `reconstruction_losses` and 'kl'.
        """
        rng, generator = step_randomness(seed, step)
        target = self._fields(batch_size, rng)
        posterior = self.vae.encode(target)
        estimate = self.vae.decode(posterior.sample(generator), first_frame=int(rng.integers(2**16)))
        terms = reconstruction_losses(estimate, target, random_rotation(generator)) | {"kl": posterior.kl()}
        return {"total": _weighted(terms) + KL_WEIGHT * terms["kl"]} | terms

    def validate(self) -> dict[str, float]:
        """Reconstruct fixed unseen mixtures.

        Returns:
            'total' (weighted sum), its terms, and 'angle': the median angle in degrees the
            time-averaged intensities before and after.
        """
        rng = np.random.default_rng(VALIDATION_SEED)
        generator = torch.Generator().manual_seed(VALIDATION_SEED)
        target = self._fields(self.data.validation_items, rng)
        estimate = self.vae.decode(self.vae.encode(target).mean)
        terms = reconstruction_losses(estimate, target, random_rotation(generator))
        angles = angular_distance(intensity(estimate.numpy()), intensity(target.numpy()))
        figures = {name: float(value) for name, value in ({"total": _weighted(terms)} | terms).items()}
        return figures | {"angle": float(np.degrees(np.median(angles)))}

    def _fields(self, count: int, rng: np.random.Generator) -> Tensor:
        """Whole latent frames of `count` random fields, shape (count, 4, samples)."""
        rate, hop = self.vae.config.sample_rate, self.vae.config.hop
        frames = max(1, int(self.data.seconds * rate) // hop)
        seconds = frames * hop / rate
        return torch.from_numpy(
            np.stack([random_field(self.sounds, seconds, rate, rng) for _ in range(count)])
        )


def _weighted(terms: dict[str, Tensor]) -> Tensor:
    return SPECTRAL_WEIGHT * terms["spectral"] + terms["level"] + INTENSITY_WEIGHT * terms["intensity"]


def reconstruction_losses(estimate: Tensor, target: Tensor, rotation: Tensor) -> dict[str, Tensor]:
    """Spectral distances of W and of four turned cardioids, and intensity distance.

    Args:
        estimate: AmbiX fields, shape (batch, 4, samples).
        target: Fields of the same shape.
        rotation: Orientation of the beams, shape (3, 3).

    Returns:
        Scalars 'spectral' (magnitude bin by bin), 'level' (in bands) and 'intensity'.
    """
    spectral, levels, active = [], [], torch.zeros(())
    for size in RESOLUTIONS:
        a, b = spectrum(estimate, size), spectrum(target, size)
        signals_a = torch.cat([a[:, :1], tetrahedral_beams(a, rotation)], dim=1)
        signals_b = torch.cat([b[:, :1], tetrahedral_beams(b, rotation)], dim=1)
        spectral.append(magnitude_distance(signals_a, signals_b))
        levels.append(band_level_distance(signals_a, signals_b))
        if size == INTENSITY_RESOLUTION:
            active = intensity_distance(a, b)
    return {
        "spectral": torch.stack(spectral).mean(),
        "level": torch.stack(levels).mean(),
        "intensity": active,
    }
