"""What directional audio coding measures (Pulkki 2007), as a second pair of ears for the encoder."""

import torch
from torch import Tensor, nn

from audiospace.models.config import VAEConfig
from audiospace.models.vae.bands import band_shapes
from audiospace.models.vae.snake import Snake

_POWER_FLOOR = 1e-8
_BANDS_PER_DIRECTION = 3
_MINIMUM_DIRECTIONS = 2


class FieldAnalysis(nn.Module):
    """Band levels and intensity directions of the field, turned into a correction of the latent parameters.

    A waveform encoder needs long training before it squares and correlates channels; given these products it
    can pass level and direction on from the first step.

    Args:
        config: The autoencoder's sizes, with `stems` above zero.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.block = config.block
        self.sample_rate = config.sample_rate
        self.bands = config.bands
        self.directions = max(_MINIMUM_DIRECTIONS, config.bands // _BANDS_PER_DIRECTION)
        measured = (self.bands + 3 * self.directions) * config.strides[-1]
        self.blocks_per_frame = config.strides[-1]
        self.network = nn.Sequential(
            nn.Conv1d(measured, 2 * measured, 3, padding=1),
            Snake(2 * measured),
            nn.Conv1d(2 * measured, 2 * config.latent_dim, 1),
        )

    def forward(self, audio: Tensor) -> Tensor:
        """Measure and map.

        Args:
            audio: AmbiX sound (batch, 4, samples), whole latent frames.

        Returns:
            What to add to means and raw scales (batch, 2 latent_dim, frames).
        """
        with torch.no_grad():
            measured = self.measure(audio)
        batch, channels, blocks = measured.shape
        folded = measured.reshape(batch, channels, blocks // self.blocks_per_frame, self.blocks_per_frame)
        correction: Tensor = self.network(folded.transpose(2, 3).flatten(1, 2))
        return correction

    def measure(self, audio: Tensor) -> Tensor:
        """Levels and directions block by block.

        Args:
            audio: AmbiX sound (batch, 4, samples), whole blocks.

        Returns:
            `bands` levels of W (about -1..1 from -80 dBFS to full scale per band) and for wider bands the
            intensity (y, z, x) in units of the energy, (batch, bands + 3 directions, blocks).
        """
        size = 2 * self.block
        window = torch.hann_window(size, dtype=audio.dtype, device=audio.device)
        spectra = torch.stft(
            audio.flatten(0, 1), size, self.block, window=window, center=True, return_complex=True
        )[..., :-1]
        spectra = spectra.reshape(*audio.shape[:2], *spectra.shape[1:]) / window.square().sum().sqrt()
        power = spectra.abs().square()
        levels = torch.einsum("kf,bft->bkt", self._shapes(self.bands, size, audio), power[:, 0])
        coarse = self._shapes(self.directions, size, audio)
        active = torch.einsum("kf,bcft->bckt", coarse, (spectra[:, :1].conj() * spectra[:, 1:]).real)
        energy = 0.5 * torch.einsum("kf,bcft->bkt", coarse, power)
        intensity = active / (energy[:, None] + _POWER_FLOOR)
        return torch.cat([torch.log10(levels + _POWER_FLOOR) / 4 + 1, intensity.flatten(1, 2)], dim=1)

    def _shapes(self, bands: int, size: int, like: Tensor) -> Tensor:
        return band_shapes(bands, size, self.sample_rate).to(like)
