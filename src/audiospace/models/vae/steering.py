"""Signals placed in the sound field by directions that change slowly."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from audiospace.models.config import VAEConfig
from audiospace.models.vae.convolution import OUTPUT_TAPS
from audiospace.models.vae.noise import ShapedNoise

_INITIAL_LOG_GAIN = -4.0


class SteeredStems(nn.Module):
    """Mixes a few stems into four channels: W is their sum, and each is panned by its own moving vector.

    With as many stems as channels any first-order field can be written so, and a source's direction is one
    slow vector instead of a relation that four waveforms must keep (directional audio coding: Pulkki 2007).
    Each stem is the waveform that the decoder wrote plus noise shaped in bands.

    Args:
        config: The autoencoder's sizes, with `stems` above zero.
        channels: Of the decoder's features, one per block.
    """

    def __init__(self, config: VAEConfig, channels: int) -> None:
        super().__init__()
        self.stems, self.bands = config.stems, config.bands
        self.block, self.blocks_per_frame = config.block, config.strides[-1]
        self.parameters_out = nn.Conv1d(
            channels, self.stems * (3 + self.bands), OUTPUT_TAPS, padding=OUTPUT_TAPS // 2
        )
        with torch.no_grad():
            self.parameters_out.weight.mul_(0.1)
            if self.parameters_out.bias is not None:
                self.parameters_out.bias[3 * self.stems :] = _INITIAL_LOG_GAIN
        self.noise = ShapedNoise(self.stems, self.bands, config.block, config.sample_rate)

    def forward(self, waveforms: Tensor, features: Tensor, first_frame: int) -> Tensor:
        """Mix.

        Args:
            waveforms: Stems as the decoder wrote them (batch, stems, samples).
            features: The decoder's features (batch, channels, samples / block).
            first_frame: Absolute number of the first latent frame.

        Returns:
            AmbiX sound (batch, 4, samples).
        """
        parameters: Tensor = self.parameters_out(features)
        batch, _, blocks = parameters.shape
        vectors, log_gains = parameters[:, : 3 * self.stems], parameters[:, 3 * self.stems :]
        log_gains = log_gains.reshape(batch, self.stems, self.bands, blocks).clamp(-16, 3)
        stems = waveforms + self.noise(log_gains, first_frame * self.blocks_per_frame)
        smooth = functional.interpolate(torch.tanh(vectors), scale_factor=float(self.block), mode="linear")
        panned = (smooth.reshape(batch, self.stems, 3, -1) * stems[:, :, None]).sum(dim=1)
        return torch.cat([stems.sum(dim=1, keepdim=True), panned], dim=1)
