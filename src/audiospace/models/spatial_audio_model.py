"""A whole model: autoencoder, conditioners, velocity network and the scale of the latents."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from audiospace.models.config import ModelConfig
from audiospace.models.flow import Velocity
from audiospace.models.parametric_config import SPATIAL_DIMENSIONS, ParametricVAEConfig
from audiospace.models.transformer import (
    ConditionEmbedder,
    Conditions,
    EquivariantTransformer,
    VelocityNetwork,
    VelocityTransformer,
)
from audiospace.models.vae import AudioVAE, Autoencoder, ParametricVAE

_SCALE_FLOOR = 1e-3


class SpatialAudioModel(nn.Module):
    """Everything between video features and sound.

    Args:
        config: Of all the parts.
    """

    latent_mean: Tensor
    latent_scale: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.vae: Autoencoder = (
            ParametricVAE(config.vae) if isinstance(config.vae, ParametricVAEConfig) else AudioVAE(config.vae)
        )
        self.transformer: VelocityNetwork = (
            EquivariantTransformer(config.transformer)
            if config.transformer.vectors
            else VelocityTransformer(config.transformer)
        )
        self.embedder = ConditionEmbedder(
            config.conditioners,
            config.transformer.width,
            config.transformer.global_dim,
            config.transformer.content_dim,
        )
        self.register_buffer("latent_mean", torch.zeros(config.vae.latent_dim, 1))
        self.register_buffer("latent_scale", torch.ones(config.vae.latent_dim, 1))

    def embed(self, features: Mapping[str, Tensor]) -> Conditions:
        """Embed video features, by branch (batch, time, ...)."""
        conditions: Conditions = self.embedder(features)
        return conditions

    def facing(self, noise: Tensor, conditions: Conditions) -> Tensor:
        """Turn the directions in noise so that it stands to what is seen as before the scene was turned.

        Noise has no preferred direction, so nothing changes on average; but the same seed then makes the same
        sound for a turned video, turned, down to the choices that the noise decides.

        Args:
            noise: On the scale of the flow (batch, latent_dim, frames).
            conditions: Embedded video (batch, ...).

        Returns:
            Noise turned about the vertical by the azimuth of all that is seen; as it came where latents have
            no named directions or nothing is seen.
        """
        if conditions.vectors is None or not self.config.transformer.vectors:
            return noise
        y, _, x = conditions.vectors.sum(dim=(1, 3)).unbind(dim=1)
        azimuth = torch.atan2(y, x)[:, None, None]
        content = self.config.transformer.content_dim
        directions = torch.unflatten(noise[:, content:], 1, (-1, SPATIAL_DIMENSIONS))
        left, up, front = directions.unbind(dim=2)
        cosine, sine = azimuth.cos(), azimuth.sin()
        turned = torch.stack((cosine * left + sine * front, up, cosine * front - sine * left), dim=2)
        return torch.cat((noise[:, :content], turned.flatten(1, 2)), dim=1)

    def towards_expected(self, latents: Tensor, noise: Tensor, velocity: Velocity) -> Tensor:
        """Draw generated directions towards those that are expected of the video.

        One sample may follow one of several things seen, whichever it is; the expectation follows all. At
        flow time 1 latents are nothing but noise and say nothing of the data, so that the velocity with the
        least squared error is the noise minus the mean of all data that the video allows.

        Args:
            latents: Generated, on the scale of the flow (batch, latent_dim, frames).
            noise: What they were generated from.
            velocity: The plain conditional velocity, without guidance.

        Returns:
            Latents whose content is as it came; as they came where the configuration says 0.
        """
        share = self.config.expected_directions
        if not share:
            return latents
        expected = noise - velocity(noise, torch.ones(len(noise), device=noise.device))
        content = self.config.transformer.content_dim
        directions = torch.lerp(latents[:, content:], expected[:, content:], share)
        return torch.cat((latents[:, :content], directions), dim=1)

    def normalise(self, latents: Tensor) -> Tensor:
        """Bring the autoencoder's latents (batch, latent_dim, frames) to the scale the flow works in."""
        return (latents - self.latent_mean) / self.latent_scale

    def denormalise(self, latents: Tensor) -> Tensor:
        """Undo `normalise`."""
        return latents * self.latent_scale + self.latent_mean

    @torch.no_grad()
    def fit_scale(self, latents: Tensor) -> None:
        """Set the scale of the latents from examples: per channel, or per group where directions have names.

        Directions have no mean and one scale for all of them, so that the flow's noise is the same from every
        side.

        Args:
            latents: Of the autoencoder (batch, latent_dim, frames).
        """
        rows = latents.transpose(0, 1).flatten(1)
        mean, scale = rows.mean(dim=1, keepdim=True), rows.std(dim=1, keepdim=True)
        if isinstance(self.vae, ParametricVAE):
            content = self.vae.config.content_dim
            mean[content:] = 0.0
            scale[:content] = scale[:content].square().mean().sqrt()
            scale[content:] = rows[content:].square().mean().sqrt()
        self.latent_mean.copy_(mean)
        self.latent_scale.copy_(scale.clamp_min(_SCALE_FLOOR))

    def decode(self, latents: Tensor) -> Tensor:
        """Turn the flow's latents (batch, latent_dim, frames) into sound (batch, channels, frames * hop)."""
        return self.vae.decode(self.denormalise(latents))
