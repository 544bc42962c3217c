"""A velocity network whose directions turn with the picture, whatever its weights are."""

import torch
from torch import Tensor, nn

from audiospace.models.config import TransformerConfig
from audiospace.models.parametric_config import SPATIAL_DIMENSIONS
from audiospace.models.transformer.conditions import Conditions, PreparedConditions, SpanContext
from audiospace.models.transformer.embedding import GlobalEmbedding, TimestepEmbedding
from audiospace.models.transformer.rotary import rotary_angles
from audiospace.models.transformer.spline import stretch
from audiospace.models.transformer.vectors import InnerProducts, VectorBlock, upwards

_PRODUCTS = 96


class EquivariantTransformer(nn.Module):
    """The counterpart of `VelocityTransformer` for latents whose last `3 vectors` channels are directions.

    What sounds (the other latents) and how strongly each direction is taken depends on numbers that do not
    turn; directions are sums of the vectors that go in: the noisy directions, those of what is seen, those
    already known, and the vertical. So turning the video about the vertical turns the sound, exactly. It
    takes the same arguments as `VelocityTransformer` and starts at a velocity of zero.

    Args:
        config: Sizes, `vectors` above zero.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.content_dim = config.content_dim
        width, known = config.width, config.vectors if config.span_context else 0
        incoming = config.vectors + config.seen_vectors + known + 1
        self.timestep = TimestepEmbedding(width)
        self.global_embedding = GlobalEmbedding(config.global_dim, width)
        self.project_in = nn.Linear(self.content_dim, width, bias=False)
        self.products = InnerProducts(incoming, _PRODUCTS)
        self.from_products = nn.Linear(_PRODUCTS, width, bias=False)
        self.vectors_in = nn.Linear(incoming, config.vector_width, bias=False)
        self.span = nn.Linear(self.content_dim + 1, width, bias=False) if known else None
        self.blocks = nn.ModuleList(VectorBlock(config) for _ in range(config.depth))
        self.from_expected = nn.Linear(self.content_dim, width, bias=False)
        self.expected_share = nn.Linear(width, self.content_dim)
        self.norm_out = nn.LayerNorm(width, bias=False)
        self.project_out = nn.Linear(width, self.content_dim, bias=False)
        self.weights_out = nn.Linear(width, config.vectors * (config.vector_width + incoming), bias=False)
        for layer in (self.project_out, self.weights_out, self.expected_share, self.span):
            if layer is not None:
                nn.init.zeros_(layer.weight)
        nn.init.zeros_(self.expected_share.bias)

    def prepare(self, conditions: Conditions, frames: int) -> PreparedConditions:
        """Do what does not depend on the flow time.

        Args:
            conditions: Embedded video, whose whole time axis is stretched to the latents'.
            frames: Number of latent frames.

        Returns:
            What `forward` takes in place of the conditions.
        """
        token = None if conditions.global_ is None else self.global_embedding(conditions.global_)
        additive = None if conditions.additive is None else stretch(conditions.additive, frames)
        seen, vectors = conditions.vectors, None
        if seen is not None:
            vectors = torch.unflatten(stretch(seen.flatten(2), frames), 2, seen.shape[2:])
        expected = None if conditions.expected is None else stretch(conditions.expected, frames)
        return PreparedConditions(token, additive, vectors, expected)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        conditions: Conditions | PreparedConditions,
        span: SpanContext | None = None,
    ) -> Tensor:
        """Estimate the velocity, noise minus data.

        Args:
            x: Noisy latents (batch, latent_dim, frames).
            t: Flow times in [0, 1], 1 being noise (batch,).
            conditions: What is known of the video, prepared or not.
            span: Latents already known; only where the configuration has `span_context`.

        Returns:
            Velocity (batch, latent_dim, frames).

        Raises:
            ValueError: A span is given to a model that has no place for it.
        """
        if span is not None and self.span is None:
            raise ValueError("this model was not built to see a span: its configuration has no span_context")
        if isinstance(conditions, Conditions):
            conditions = self.prepare(conditions, x.shape[-1])
        incoming = self._incoming(x, conditions, span)
        tokens = self._input_tokens(x, incoming, conditions, span)
        time = self.timestep(t)
        first = time if conditions.token is None else time + conditions.token
        tokens = torch.cat((first[:, None].to(tokens.dtype), tokens), dim=1)
        vectors = self.vectors_in(incoming)
        vectors = torch.cat((torch.zeros_like(vectors[:, :1]), vectors), dim=1)
        angles = rotary_angles(tokens.shape[1], self.config.rotary_width, tokens.device)
        cosine, sine = angles.cos(), angles.sin()
        for block in self.blocks:
            tokens, vectors = block(tokens, vectors, cosine, sine)
        tokens = self.norm_out(tokens[:, 1:])
        content: Tensor = self.project_out(tokens)
        if conditions.expected is not None:
            content = content - self.expected_share(time)[:, None] * conditions.expected
        return self._velocity(content, tokens, torch.cat((vectors[:, 1:], incoming), dim=-1))

    def _incoming(self, x: Tensor, conditions: PreparedConditions, span: SpanContext | None) -> Tensor:
        """All the vectors that go in (batch, frames, 3, n)."""
        noisy = self._directions(x)
        seen = conditions.vectors
        if seen is None:
            seen = noisy.new_zeros(*noisy.shape[:3], self.config.seen_vectors)
        parts = [noisy, seen.to(noisy), upwards(noisy)]
        if self.span is not None:
            parts.append(
                torch.zeros_like(noisy)
                if span is None
                else self._directions(torch.where(span.keep.to(x) > 0, span.latents.to(x), 0))
            )
        return torch.cat(parts, dim=-1)

    def _directions(self, latents: Tensor) -> Tensor:
        """The directions among latents (batch, latent_dim, frames), as (batch, frames, 3, vectors)."""
        return torch.unflatten(
            latents[:, self.content_dim :], 1, (self.config.vectors, SPATIAL_DIMENSIONS)
        ).permute(0, 3, 2, 1)

    def _input_tokens(
        self, x: Tensor, incoming: Tensor, conditions: PreparedConditions, span: SpanContext | None
    ) -> Tensor:
        tokens: Tensor = self.project_in(x[:, : self.content_dim].transpose(1, 2))
        tokens = tokens + self.from_products(self.products(incoming))
        if conditions.additive is not None:
            tokens = tokens + conditions.additive
        if conditions.expected is not None:
            tokens = tokens + self.from_expected(conditions.expected)
        if span is not None and self.span is not None:
            keep = span.keep.to(x)
            known = torch.where(keep > 0, span.latents.to(x), 0)[:, : self.content_dim]
            tokens = tokens + self.span(torch.cat((known, keep), dim=1).transpose(1, 2))
        return tokens

    def _velocity(self, content: Tensor, tokens: Tensor, basis: Tensor) -> Tensor:
        weights = torch.unflatten(self.weights_out(tokens), 2, (self.config.vectors, -1))
        vectors = weights @ basis.transpose(2, 3)
        return torch.cat((content, vectors.flatten(2)), dim=2).transpose(1, 2)
