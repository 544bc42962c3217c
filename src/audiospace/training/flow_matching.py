"""The flow-matching objective and what its three stages share."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from audiospace.model_store import save_model
from audiospace.models import Conditions, SpanContext, SpatialAudioModel
from audiospace.models.flow import interpolate, velocity_target
from audiospace.training.batches import BatchSource, Place
from audiospace.training.config import FlowConfig, StageConfig
from audiospace.training.latent_rotation import TurnLatents, random_turn, turned
from audiospace.training.latents import LatentSet
from audiospace.training.sampled_sounds import sampled_sounds
from audiospace.training.stage import TOTAL, Batch, Player, Validation, item_randomness
from audiospace.training.stretches import cut, random_starts

VALIDATION_SEED = 20_000_003
VALIDATION_TIMES = (0.15, 0.4, 0.65, 0.9)
LATENTS, NOISE, TIMES = "latents", "noise", "times"
FEATURES = "features."
EXPECTATION_WEIGHT = 0.2
"""How much it counts how far the content is from what is expected of what is seen."""


@dataclass(frozen=True)
class Given:
    """What the network is told beside the noisy latents.

    Attributes:
        conditions: The video, embedded; empty without video.
        span: Known latents around a masked span, if any.
        weight: Where the loss counts, shape (batch, 1, frames); each item's has a positive sum.
        expected: Content to be expected of what is seen (batch, T, content), whether it is told or not.
    """

    conditions: Conditions
    span: SpanContext | None
    weight: Tensor
    expected: Tensor | None = None


class Task(Protocol):
    """What a stage tells the network."""

    def draw(self, frames: int, generator: torch.Generator) -> dict[str, Tensor]:
        """What is random about one item.

        Args:
            frames: Latent frames of the item.
            generator: Source of randomness.

        Returns:
            Tensors that go into the batch, stacked over the items.
        """

    def give(self, embedder: nn.Module, batch: Batch) -> Given:
        """What the network is told of a batch that holds what `draw` gave.

        Args:
            embedder: Embeds video features.
            batch: Latents, already normalised, features and what was drawn.

        Returns:
            Conditions, known span and weights of the loss.
        """


class FlowObjective(nn.Module):
    """Squared velocity error of the network on a batch.

    Args:
        model: Its transformer and embedder are trained.
        task: What the network is told.
    """

    def __init__(self, model: SpatialAudioModel, task: Task) -> None:
        super().__init__()
        self.transformer = model.transformer
        self.embedder = model.embedder
        self.task = task

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Compute the loss.

        Args:
            batch: As `FlowStage.batch` makes it.

        Returns:
            'total': squared error per number of a latent frame where the loss counts, mean over the items.
        """
        latents, noise, times = batch[LATENTS], batch[NOISE], batch[TIMES]
        given = self.task.give(self.embedder, batch)
        noisy = interpolate(latents, noise, times)
        velocity = self.transformer(noisy, times, given.conditions, given.span)
        error = (velocity - velocity_target(latents, noise)).square().mean(dim=1, keepdim=True)
        items = (error * given.weight).sum(dim=(1, 2)) / given.weight.sum(dim=(1, 2))
        if given.expected is None:
            return {TOTAL: items.mean()}
        surprise = (_content(latents, given.expected) - given.expected).square().mean()
        total = items.mean() + EXPECTATION_WEIGHT * surprise
        return {TOTAL: total, "velocity": items.mean(), "surprise": surprise}


@dataclass
class FlowStage:
    """A stage that learns a velocity field on latents.

    Attributes:
        model: The whole model; its autoencoder stays as it is.
        task: What the network is told.
        training: Where training items come from.
        validation: Prepared items held out.
        settings: Of the stage.
        turn: Turns latents; where given, every item is turned at random, with what is seen of it.
    """

    model: SpatialAudioModel
    task: Task
    training: BatchSource
    validation: LatentSet
    settings: StageConfig
    turn: TurnLatents | None = None

    def __post_init__(self) -> None:
        self._objective = FlowObjective(self.model, self.task)

    @property
    def players(self) -> tuple[Player, ...]:
        """One: the velocity network with the embedder of its conditions."""
        return (Player("network", self._objective, self.settings.optimiser),)

    def batch(self, step: int, place: Place) -> Batch:
        """Give a share of a step's batch: items, flow times, noise and what the task draws.

        Args:
            step: Number of the step.
            place: Which share.

        Returns:
            The share; latents are normalised.
        """
        seed = self.settings.run.seed
        generators = [item_randomness(seed, step, number)[1] for number in place.numbers]
        items = self.training.batch(step, place)
        if self.turn is not None:
            rotations = [random_turn(self.settings.stage, generator) for generator in generators]
            items = turned(items, self.turn, rotations)
        items = self._stretches(items, generators)
        flow = self.settings.flow
        drawn = [{TIMES: _draw_time(flow, generator)} for generator in generators]
        return self._noised(items, drawn, generators)

    def validate(self, show: int) -> Validation:
        """Velocity error on the held-out items at fixed times with fixed noise, and some sounds.

        Args:
            show: How many of the held-out items to generate as sound.

        Returns:
            'total', the mean over times, and one figure per time, 1 to 2 before training; with sounds also
            'angle', the median angle in degrees between the directions of generated and held-out sound.
        """
        device = next(self._objective.parameters()).device
        size = self.settings.run.batch_size
        sums = dict.fromkeys(VALIDATION_TIMES, 0.0)
        for start in range(0, len(self.validation), size):
            numbers = torch.arange(start, min(start + size, len(self.validation)))
            for time in VALIDATION_TIMES:
                loss = self._objective(_moved(self._held_out(numbers, time), device))[TOTAL]
                sums[time] += float(loss) * len(numbers)
        figures = {f"t{time}": total / len(self.validation) for time, total in sums.items()}
        figures = {TOTAL: float(np.mean(list(figures.values())))} | figures
        if not show:
            return Validation(figures)
        numbers = torch.arange(min(show, len(self.validation)))
        batch = self._held_out(numbers, 1.0)
        given = self.task.give(self._objective.embedder, _moved(batch, device))
        sounds, angle = sampled_sounds(self.model, batch[LATENTS], batch[NOISE], given.conditions, given.span)
        return Validation(figures | {"angle": angle}, sounds)

    def write(self, path: Path) -> None:
        """Write the whole model.

        Args:
            path: The file to write.
        """
        save_model(self.model, path)

    def _stretches(self, items: LatentSet, generators: list[torch.Generator]) -> LatentSet:
        """Random stretches of the items, where the configuration asks for them."""
        count = items.latents.shape[2]
        frames = round(self.settings.data.stretch * self.model.config.vae.frame_rate)
        if not 0 < frames < count:
            return items
        return cut(items, random_starts(count, frames, generators), frames)

    def _held_out(self, numbers: Tensor, time: float) -> Batch:
        """Held-out items with noise that is the same at every call."""
        generators = [item_randomness(VALIDATION_SEED, 0, int(number))[1] for number in numbers]
        drawn = [{TIMES: torch.tensor(time)} for _ in generators]
        return self._noised(self.validation.batch(numbers), drawn, generators)

    def _noised(
        self, items: LatentSet, drawn: list[dict[str, Tensor]], generators: list[torch.Generator]
    ) -> Batch:
        """Put a batch together from items and what is random about each."""
        latents = self.model.normalise(items.latents)
        rows = [
            row
            | {NOISE: torch.randn(latents.shape[1:], generator=generator)}
            | self.task.draw(latents.shape[2], generator)
            for row, generator in zip(drawn, generators, strict=True)
        ]
        stacked = {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
        features = {FEATURES + name: value for name, value in items.features.items()}
        return {LATENTS: latents} | features | stacked


def _content(latents: Tensor, expected: Tensor) -> Tensor:
    """The content of latents (batch, latent_dim, frames) at the times of what is expected (batch, T, n)."""
    content = latents[:, : expected.shape[2]]
    return functional.adaptive_avg_pool1d(content, expected.shape[1]).transpose(1, 2)


def features_of(batch: Batch) -> Mapping[str, Tensor]:
    """The video features in a batch, by branch."""
    return {name[len(FEATURES) :]: value for name, value in batch.items() if name.startswith(FEATURES)}


def everywhere(latents: Tensor) -> Tensor:
    """A loss weight of one for every frame.

    Args:
        latents: Shape (batch, latent_dim, frames).

    Returns:
        Ones, shape (batch, 1, frames).
    """
    return torch.ones_like(latents[:, :1])


def _draw_time(settings: FlowConfig, generator: torch.Generator) -> Tensor:
    """A flow time from the logit-normal density (Esser et al. 2024)."""
    normal = torch.randn((), generator=generator)
    return torch.sigmoid(normal * settings.time_spread + settings.time_shift)


def _moved(batch: Batch, device: torch.device) -> Batch:
    return {name: value.to(device) for name, value in batch.items()}
