"""The audio autoencoder as one thing that can be asked for its rates."""

from torch import Tensor, nn

from audiospace.models.config import VAEConfig
from audiospace.models.vae.bottleneck import Posterior
from audiospace.models.vae.decoder import Decoder
from audiospace.models.vae.encoder import Encoder
from audiospace.models.vae.tiled_decoder import TiledDecoder


class AudioVAE(nn.Module):
    """Sound to latents and back, all ambisonic channels together.

    Args:
        config: Sizes and rates.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder: Decoder | TiledDecoder = Decoder(config)

    @property
    def sample_rate(self) -> int:
        """Of the sound, in Hz."""
        return self.config.sample_rate

    @property
    def hop(self) -> int:
        """Samples per latent frame."""
        return self.config.hop

    def encode(self, audio: Tensor) -> Posterior:
        """Compress sound.

        Args:
            audio: Sound (batch, audio_channels, samples); samples beyond the last whole frame are dropped.

        Returns:
            The distribution of its latents, of shape (batch, latent_dim, samples // hop).

        Raises:
            ValueError: The number of channels is wrong or there is less than one frame of sound.
        """
        if audio.ndim != 3 or audio.shape[1] != self.config.audio_channels or audio.shape[2] < self.hop:
            raise ValueError(
                f"sound must be (batch, {self.config.audio_channels}, {self.hop} or more), "
                f"not {tuple(audio.shape)}"
            )
        return Posterior.from_encoder(self.encoder(audio))

    def decode(self, latents: Tensor, first_frame: int = 0) -> Tensor:
        """Turn latents into sound.

        Args:
            latents: Latents (batch, latent_dim, frames).
            first_frame: Number of the first frame within the whole sound, where only a part is decoded.

        Returns:
            Sound (batch, audio_channels, frames * hop); not bounded.

        Raises:
            ValueError: The shape does not fit.
        """
        if latents.ndim != 3 or latents.shape[1] != self.config.latent_dim:
            raise ValueError(
                f"latents must be (batch, {self.config.latent_dim}, frames), not {tuple(latents.shape)}"
            )
        audio: Tensor = self.decoder(latents, first_frame)
        return audio
