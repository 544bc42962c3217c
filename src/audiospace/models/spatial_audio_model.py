"""A whole model: autoencoder, conditioners, velocity network and the scale of the latents."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from audiospace.models.config import ModelConfig
from audiospace.models.transformer import ConditionEmbedder, Conditions, VelocityTransformer
from audiospace.models.vae import AudioVAE


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
        self.vae = AudioVAE(config.vae)
        self.transformer = VelocityTransformer(config.transformer)
        self.embedder = ConditionEmbedder(
            config.conditioners, config.transformer.width, config.transformer.global_dim
        )
        self.register_buffer("latent_mean", torch.zeros(config.vae.latent_dim, 1))
        self.register_buffer("latent_scale", torch.ones(config.vae.latent_dim, 1))

    def embed(self, features: Mapping[str, Tensor]) -> Conditions:
        """Embed video features, by branch (batch, time, ...)."""
        conditions: Conditions = self.embedder(features)
        return conditions

    def normalise(self, latents: Tensor) -> Tensor:
        """Bring the autoencoder's latents (batch, latent_dim, frames) to the scale the flow works in."""
        return (latents - self.latent_mean) / self.latent_scale

    def denormalise(self, latents: Tensor) -> Tensor:
        """Undo `normalise`."""
        return latents * self.latent_scale + self.latent_mean

    def decode(self, latents: Tensor) -> Tensor:
        """Turn the flow's latents (batch, latent_dim, frames) into sound (batch, channels, frames * hop)."""
        return self.vae.decode(self.denormalise(latents))
