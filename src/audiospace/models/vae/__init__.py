"""The audio autoencoder: four channels of sound to a short sequence of latents and back."""

from audiospace.models.vae.autoencoder import AudioVAE
from audiospace.models.vae.bottleneck import Posterior
from audiospace.models.vae.convolution import fold_weight_norm, is_folded
from audiospace.models.vae.parametric import ParametricVAE
from audiospace.models.vae.receptive_field import decoder_context, encoder_context

Autoencoder = AudioVAE | ParametricVAE
"""Either: both encode, decode and tell their rates alike."""

__all__ = [
    "AudioVAE",
    "Autoencoder",
    "ParametricVAE",
    "Posterior",
    "decoder_context",
    "encoder_context",
    "fold_weight_norm",
    "is_folded",
]
