"""The flow-matching objective and what its three stages share."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from audiospace.models import Conditions, SpanContext, SpatialAudioModel
from audiospace.models.flow import interpolate, velocity_target
from audiospace.training.config import FlowConfig
from audiospace.training.engine import step_randomness
from audiospace.training.latents import LatentSet

VALIDATION_SEED = 20_000_003
VALIDATION_TIMES = (0.15, 0.4, 0.65, 0.9)


@dataclass(frozen=True)
class Given:
    """What the network is told beside the noisy latents.

    Attributes:
        conditions: The video, embedded; empty without video.
        span: Known latents around a masked span, if any.
        weight: Where the loss counts, shape (batch, 1, frames).
    """

    conditions: Conditions
    span: SpanContext | None
    weight: Tensor


class Task(Protocol):
    """How a stage turns prepared items into what the network is given."""

    def give(self, model: SpatialAudioModel, items: LatentSet, generator: torch.Generator) -> Given:
        """Conditions for a batch whose latents are already normalised."""


@dataclass
class FlowStage:
    """A stage that learns a velocity field on prepared latents.

    Attributes:
        model: The whole model; its autoencoder stays as it is.
        task: What the network is told.
        training: Prepared training items.
        validation: Prepared items held out.
        settings: Times and dropouts.
    """

    model: SpatialAudioModel
    task: Task
    training: LatentSet
    validation: LatentSet
    settings: FlowConfig

    def __post_init__(self) -> None:
        self._network = nn.ModuleDict(
            {"transformer": self.model.transformer, "embedder": self.model.embedder}
        )

    @property
    def network(self) -> nn.Module:
        """The trainable part: transformer and condition embedder."""
        return self._network

    def losses(self, step: int, batch_size: int, seed: int) -> dict[str, Tensor]:
        """Mean squared velocity error of a batch drawn for this step.

        Args:
            step: Number of the step.
            batch_size: Items in the batch.
            seed: The run's seed.

        Returns:
            Scalar 'total'.
        """
        rng, generator = step_randomness(seed, step)
        indices = torch.from_numpy(rng.integers(0, len(self.training), size=batch_size))
        spread = torch.randn(batch_size, generator=generator) * self.settings.time_spread
        times = torch.sigmoid(spread + self.settings.time_shift)
        return {"total": self._velocity_error(self.training.batch(indices), times, generator)}

    def validate(self) -> dict[str, float]:
        """Velocity error on the held-out items at fixed times with fixed noise.

        Returns:
            'total', the mean over times, and one figure per time; 1 to 2 before training.
        """
        generator = torch.Generator().manual_seed(VALIDATION_SEED)
        items = self.validation.batch(torch.arange(len(self.validation)))
        figures = {}
        for time in VALIDATION_TIMES:
            times = torch.full((len(items),), time)
            figures[f"t{time}"] = float(self._velocity_error(items, times, generator))
        return {"total": float(np.mean(list(figures.values())))} | figures

    def _velocity_error(self, items: LatentSet, times: Tensor, generator: torch.Generator) -> Tensor:
        latents = self.model.normalise(items.latents)
        given = self.task.give(self.model, LatentSet(latents, items.features), generator)
        noise = torch.randn(latents.shape, generator=generator)
        velocity = self.model.transformer(
            interpolate(latents, noise, times), times, given.conditions, given.span
        )
        error = (velocity - velocity_target(latents, noise)).square()
        mean: Tensor = (error * given.weight).sum() / (given.weight.sum() * latents.shape[1])
        return mean


def everywhere(latents: Tensor) -> Tensor:
    """A loss weight of one for every frame.

    Args:
        latents: Shape (batch, latent_dim, frames).

    Returns:
        Ones, shape (batch, 1, frames).
    """
    return torch.ones(latents.shape[0], 1, latents.shape[2])
