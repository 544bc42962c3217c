"""The network that says which way noisy latents flow."""

import torch
from torch import Tensor, nn

from audiospace.models.config import TransformerConfig
from audiospace.models.transformer.block import TransformerBlock
from audiospace.models.transformer.conditions import Conditions, PreparedConditions, SpanContext
from audiospace.models.transformer.embedding import GlobalEmbedding, TimestepEmbedding
from audiospace.models.transformer.rotary import rotary_angles
from audiospace.models.transformer.spline import stretch


class VelocityTransformer(nn.Module):
    """A diffusion transformer (Peebles and Xie 2023) whose first token holds flow time and global condition.

    The published OmniAudio model is one configuration of it. For training from scratch every residual branch,
    the output layer, both residual 1x1 layers and the span layer start at zero, so the first velocity is zero
    whatever the input. All else starts as torch does it: the published halving of every parameter is left
    out, since a linear layer before a norm gains nothing from it and the norms themselves would start weak.

    Args:
        config: Sizes.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.timestep = TimestepEmbedding(config.width)
        self.global_embedding = GlobalEmbedding(config.global_dim, config.width)
        self.preprocess = nn.Linear(config.latent_dim, config.latent_dim, bias=False)
        self.project_in = nn.Linear(config.latent_dim, config.width, bias=False)
        self.span = (
            nn.Linear(config.latent_dim + 1, config.width, bias=False) if config.span_context else None
        )
        self.blocks = nn.ModuleList(TransformerBlock(config) for _ in range(config.depth))
        self.project_out = nn.Linear(config.width, config.latent_dim, bias=False)
        self.postprocess = nn.Linear(config.latent_dim, config.latent_dim, bias=False)
        for layer in (self.preprocess, self.postprocess, self.project_out, self.span):
            if layer is not None:
                nn.init.zeros_(layer.weight)

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
        return PreparedConditions(token, additive)

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
        if isinstance(conditions, Conditions):
            conditions = self.prepare(conditions, x.shape[-1])
        tokens = self._input_tokens(x, conditions.additive, span)
        first = self.timestep(t)
        if conditions.token is not None:
            first = first + conditions.token
        tokens = torch.cat((first[:, None].to(tokens.dtype), tokens), dim=1)
        angles = rotary_angles(tokens.shape[1], self.config.rotary_width, tokens.device)
        cosine, sine = angles.cos(), angles.sin()
        for block in self.blocks:
            tokens = block(tokens, cosine, sine)
        velocity: Tensor = self.project_out(tokens[:, 1:])
        velocity = velocity + self.postprocess(velocity)
        return velocity.transpose(1, 2)

    def _input_tokens(self, x: Tensor, additive: Tensor | None, span: SpanContext | None) -> Tensor:
        frames = x.transpose(1, 2)
        tokens: Tensor = self.project_in(frames + self.preprocess(frames))
        if additive is not None:
            tokens = tokens + additive
        if span is None:
            return tokens
        if self.span is None:
            raise ValueError("this model was not built to see a span: its configuration has no span_context")
        keep = span.keep.to(x)
        known = torch.cat((torch.where(keep > 0, span.latents.to(x), 0), keep), dim=1)
        tokens = tokens + self.span(known.transpose(1, 2))
        return tokens
