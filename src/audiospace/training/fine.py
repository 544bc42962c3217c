"""Stage 3: how sound fields hang together in space, from real first-order fields with a masked span."""

import dataclasses
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from audiospace.models import Conditions, SpanContext, SpatialAudioModel
from audiospace.training.config import FlowConfig
from audiospace.training.flow_matching import LATENTS, Given
from audiospace.training.stage import Batch

HIDDEN, KEPT = "hidden", "kept"


@dataclass(frozen=True)
class MaskedSpan:
    """Hides a span of the latents; the rest is given unless it is dropped too.

    Attributes:
        settings: Least length of the span and how often its context is dropped.
    """

    settings: FlowConfig

    def draw(self, frames: int, generator: torch.Generator) -> dict[str, Tensor]:
        """A random span, and whether its context is known."""
        hidden = draw_span(frames, self.settings, generator)
        dropped = torch.rand((), generator=generator) < self.settings.context_dropout
        return {HIDDEN: hidden, KEPT: torch.zeros_like(hidden) if dropped else 1 - hidden}

    def give(self, embedder: nn.Module, batch: Batch) -> Given:  # noqa: ARG002
        """What is kept; the loss counts inside the span."""
        keep = batch[KEPT]
        return Given(Conditions(), SpanContext(batch[LATENTS] * keep, keep), batch[HIDDEN])


def draw_span(frames: int, settings: FlowConfig, generator: torch.Generator) -> Tensor:
    """A contiguous span that covers a uniform share between the least one and everything.

    Args:
        frames: Latent frames of the item.
        settings: Holds the least share.
        generator: Source of randomness.

    Returns:
        1 inside the span, 0 outside, shape (1, frames).
    """
    drawn = torch.rand(2, generator=generator)
    share = settings.span_minimum + (1 - settings.span_minimum) * drawn[0]
    length = int((share * frames).round().clamp(1, frames))
    start = int((drawn[1] * (frames - length + 1)).floor())
    hidden = torch.zeros(1, frames)
    hidden[:, start : start + length] = 1
    return hidden


def with_span(model: SpatialAudioModel) -> SpatialAudioModel:
    """Give a model a place for known latents, if it has none; its velocities stay what they are.

    Args:
        model: For example one of the published sizes, which has no such place.

    Returns:
        The model itself, or a new one with the same weights and a span layer of zeros.
    """
    if model.config.transformer.span_context:
        return model
    transformer = dataclasses.replace(model.config.transformer, span_context=True)
    widened = SpatialAudioModel(dataclasses.replace(model.config, transformer=transformer))
    widened.load_state_dict(model.state_dict(), strict=False)
    return widened
