"""The audio autoencoder: four channels of sound to a short sequence of latents and back."""

from audiospace.models.vae.autoencoder import AudioVAE
from audiospace.models.vae.bottleneck import Posterior
from audiospace.models.vae.convolution import fold_weight_norm, is_folded
from audiospace.models.vae.receptive_field import decoder_context, encoder_context

__all__ = ["AudioVAE", "Posterior", "decoder_context", "encoder_context", "fold_weight_norm", "is_folded"]
