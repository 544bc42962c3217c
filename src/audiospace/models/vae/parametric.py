"""An autoencoder whose latents say where sound comes from in so many words."""

import torch
from torch import Tensor, nn

from audiospace.models.parametric_config import ParametricVAEConfig
from audiospace.models.vae.bottleneck import Posterior
from audiospace.models.vae.directions import measure_directions, pan
from audiospace.models.vae.short_time import overlap_add, short_time_spectra
from audiospace.models.vae.spectral import SpectralDecoder, SpectralEncoder, band_levels, patches

_DIRECTION_STDEV = 0.03


class ParametricVAE(nn.Module):
    """Learnt latents for what W sounds like, and a direction vector for each of a few bands.

    Only the content is learnt: directions are measured, and panning puts them back. A sound field that turns
    turns these vectors and leaves the content as it is, so rotation in the space of latents is exact. It
    takes the place of `AudioVAE` wherever a model asks for one.

    Args:
        config: Sizes and rates.
    """

    def __init__(self, config: ParametricVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = SpectralEncoder(config)
        self.decoder = SpectralDecoder(config)

    @property
    def sample_rate(self) -> int:
        """Of the sound, in Hz."""
        return self.config.sample_rate

    @property
    def hop(self) -> int:
        """Samples per latent frame."""
        return self.config.hop

    @torch.no_grad()
    def fit_linear_code(self, audio: Tensor) -> None:
        """Start from the principal components of band levels, before training.

        The latents' deviations are then the square roots of the components', so that the flow cares most for
        what changes most.

        Args:
            audio: Examples, AmbiX (batch, 4, samples), many more latent frames than `content_dim`.
        """
        config = self.config
        whole = audio[:, 0, : audio.shape[-1] // self.hop * self.hop].float()
        levels = band_levels(short_time_spectra(whole, config.fft_hop), config)
        rows = patches(levels, config.spectra_per_frame).flatten(0, 1)
        mean = rows.mean(dim=0)
        _, deviations, components = torch.linalg.svd(rows - mean, full_matrices=False)
        spread = (deviations[: config.content_dim] / len(rows) ** 0.5).sqrt()
        directions = components[: config.content_dim]
        self.encoder.linear.weight.copy_(directions / spread[:, None])
        self.encoder.linear.bias.copy_(-(directions / spread[:, None]) @ mean)
        self.decoder.linear.weight.copy_((directions * spread[:, None]).T)
        self.decoder.linear.bias.copy_(mean)

    def encode(self, audio: Tensor) -> Posterior:
        """Compress sound.

        Args:
            audio: AmbiX sound (batch, 4, samples); samples beyond the last whole frame are dropped.

        Returns:
            The distribution of its latents, of shape (batch, latent_dim, samples // hop).

        Raises:
            ValueError: The number of channels is wrong or there is less than one frame of sound.
        """
        if audio.ndim != 3 or audio.shape[1] != self.config.audio_channels or audio.shape[2] < self.hop:
            raise ValueError(f"sound must be (batch, 4, {self.hop} or more), not {tuple(audio.shape)}")
        whole = audio[..., : audio.shape[-1] // self.hop * self.hop].float()
        spectra = short_time_spectra(whole, self.config.fft_hop)
        content = self.encode_omni(spectra[:, 0])
        vectors = measure_directions(spectra, self.config)
        return Posterior(
            torch.cat([content.mean.to(vectors), vectors], dim=1),
            torch.cat([content.stdev.to(vectors), torch.full_like(vectors, _DIRECTION_STDEV)], dim=1),
        )

    def encode_omni(self, omni: Tensor) -> Posterior:
        """Compress the short-time spectra of W alone (batch, n * spectra_per_frame, bins): the content."""
        return Posterior.from_encoder(self.encoder(omni))

    def decode(self, latents: Tensor, first_frame: int = 0) -> Tensor:
        """Turn latents into sound.

        Args:
            latents: Latents (batch, latent_dim, frames).
            first_frame: Number of the first frame within the whole sound, where only a part is decoded.

        Returns:
            AmbiX sound (batch, 4, frames * hop); not bounded.

        Raises:
            ValueError: The shape does not fit.
        """
        if latents.ndim != 3 or latents.shape[1] != self.config.latent_dim:
            raise ValueError(
                f"latents must be (batch, {self.config.latent_dim}, frames), not {tuple(latents.shape)}"
            )
        content, vectors = latents[:, : self.config.content_dim], latents[:, self.config.content_dim :]
        omni = self.decoder(content, first_frame)
        return overlap_add(pan(omni, vectors.float(), self.config), self.config.fft_hop)
