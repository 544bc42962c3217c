"""Classifier-free guidance (Ho and Salimans 2022) as composition around the network."""

import torch
from torch import Tensor

from audiospace.models.transformer import Conditions, PreparedConditions, SpanContext, VelocityNetwork

ALWAYS = (0.0, 1.0)
"""The interval of flow times in which guidance is never left out."""


def _twice(tensor: Tensor) -> Tensor:
    return torch.cat((tensor, tensor))


class Guided:
    """A velocity that is pushed away from what the network would say without its video.

    As published, the additive condition is what guidance drops, by putting zeros in place of its embedding;
    the global condition stays in both halves, so guidance strengthens only the additive branch.

    Args:
        transformer: The network.
        conditions: Embedded video (batch of 1 or that of the latents).
        scale: 1 is the plain conditional velocity, 0 the unconditional one, more exaggerates the video.
        span: Latents already known, given to both halves.
        drop_global: Drop the global condition as well, so that guidance strengthens both branches (not as
            published; for models trained so).
        interval: Guide only at flow times above the first and up to the second; elsewhere the plain
            conditional velocity costs half as much (Kynkäänniemi et al. 2024; not as published).
    """

    def __init__(
        self,
        transformer: VelocityNetwork,
        conditions: Conditions,
        scale: float,
        *,
        span: SpanContext | None = None,
        drop_global: bool = False,
        interval: tuple[float, float] = ALWAYS,
    ) -> None:
        self.transformer = transformer
        self.conditions = conditions
        self.scale = scale
        self.span = span
        self.drop_global = drop_global
        self.interval = interval
        self._droppable = conditions.additive is not None or (drop_global and conditions.global_ is not None)
        self._prepared: dict[int, PreparedConditions] = {}

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        """The guided velocity.

        Args:
            x: Noisy latents (batch, latent_dim, frames).
            t: Flow times in [0, 1] (batch,).

        Returns:
            unconditional + scale (conditional - unconditional), of the latents' shape.
        """
        prepared = self._prepare(x.shape[-1])
        if not self._is_guided_at(t):
            velocity: Tensor = self.transformer(x, t, prepared, self.span)
            return velocity
        span = self.span and SpanContext(_twice(self.span.latents), _twice(self.span.keep))
        both: Tensor = self.transformer(_twice(x), _twice(t), self._with_null(prepared, len(x)), span)
        conditional, unconditional = both.chunk(2)
        return unconditional + self.scale * (conditional - unconditional)

    def _is_guided_at(self, t: Tensor) -> bool:
        if self.scale == 1 or not self._droppable:
            return False
        low, high = self.interval
        return self.interval == ALWAYS or bool(((t > low) & (t <= high)).any())

    def _prepare(self, frames: int) -> PreparedConditions:
        """The conditions prepared once for each length of latents."""
        if frames not in self._prepared:
            self._prepared[frames] = self.transformer.prepare(self.conditions, frames)
        return self._prepared[frames]

    def _with_null(self, prepared: PreparedConditions, batch: int) -> PreparedConditions:
        """The conditions of both halves: doubled anew in every call, which costs less than keeping them."""
        token, additive = prepared.token, prepared.additive
        if token is not None:
            token = token.expand(batch, -1)
            token = torch.cat((token, torch.zeros_like(token) if self.drop_global else token))
        if additive is not None:
            additive = additive.expand(batch, -1, -1)
            additive = torch.cat((additive, torch.zeros_like(additive)))
        vectors = prepared.vectors
        if vectors is not None:
            vectors = vectors.expand(batch, -1, -1, -1)
            vectors = torch.cat((vectors, torch.zeros_like(vectors)))
        expected = prepared.expected
        if expected is not None:
            expected = expected.expand(batch, -1, -1)
            expected = torch.cat((expected, torch.zeros_like(expected)))
        return PreparedConditions(token, additive, vectors, expected)
