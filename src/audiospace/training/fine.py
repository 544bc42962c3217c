"""Stage 3: how sound fields hang together in space, from real first-order fields with a masked span."""

from dataclasses import dataclass

import torch
from torch import Tensor

from audiospace.models import Conditions, SpanContext, SpatialAudioModel
from audiospace.training.config import FlowConfig
from audiospace.training.flow_matching import Given
from audiospace.training.latents import LatentSet


@dataclass(frozen=True)
class MaskedSpan:
    """Hides a span of the latents; the rest is given unless it is dropped too.

    Attributes:
        settings: Least length of the span and how often its context is dropped.
    """

    settings: FlowConfig

    def give(self, model: SpatialAudioModel, items: LatentSet, generator: torch.Generator) -> Given:  # noqa: ARG002
        """A random span per item; the loss counts inside it."""
        hidden = draw_spans(len(items), items.latents.shape[2], self.settings, generator)
        dropped = torch.rand(len(items), 1, 1, generator=generator) < self.settings.context_dropout
        keep = (1 - hidden) * (~dropped)
        return Given(Conditions(), SpanContext(items.latents * keep, keep), hidden)


def draw_spans(count: int, frames: int, settings: FlowConfig, generator: torch.Generator) -> Tensor:
    """One contiguous span per item, covering a uniform share between the least one and everything.

    Args:
        count: Items.
        frames: Latent frames of each.
        settings: Holds the least share.
        generator: Source of randomness.

    Returns:
        1 inside the span, 0 outside, shape (count, 1, frames).
    """
    share = settings.span_minimum + (1 - settings.span_minimum) * torch.rand(count, 1, generator=generator)
    length = (share * frames).round().clamp(1, frames)
    start = (torch.rand(count, 1, generator=generator) * (frames - length + 1)).floor()
    index = torch.arange(frames)[None]
    return ((index >= start) & (index < start + length)).float()[:, None]
