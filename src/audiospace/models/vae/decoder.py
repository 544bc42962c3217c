"""Latents to audio."""

from torch import Tensor, nn

from audiospace.models.config import VAEConfig
from audiospace.models.vae.convolution import UNIT_KERNEL, convolution, residual_units, upsampling
from audiospace.models.vae.patches import unfold_samples
from audiospace.models.vae.snake import Snake
from audiospace.models.vae.steering import SteeredStems


class DecoderStage(nn.Module):
    """A transposed convolution, then three residual units at the finer rate.

    Args:
        channels_in: Of the input (batch, channels_in, time).
        channels_out: Of the output (batch, channels_out, time * stride).
        stride: Upsampling factor.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.activation = Snake(channels_in)
        self.up = upsampling(channels_in, channels_out, stride)
        self.units = residual_units(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, channels_in, time) to (batch, channels_out, time * stride)."""
        y: Tensor = self.units(self.up(self.activation(x)))
        return y


class Decoder(nn.Module):
    """Convolutional decoder of the Oobleck family (Evans et al. 2024, Stable Audio Open).

    Args:
        config: The autoencoder's sizes.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.patch_size = config.patch_size
        widths = [config.channels, *(config.channels * factor for factor in config.channel_multipliers)]
        self.input = convolution(config.latent_dim, widths[-1], UNIT_KERNEL)
        self.stages = nn.Sequential(
            *(
                DecoderStage(channels_in, channels_out, stride)
                for channels_in, channels_out, stride in zip(
                    widths[:0:-1], widths[-2::-1], config.strides[::-1], strict=True
                )
            )
        )
        self.activation = Snake(widths[0])
        written = (config.stems or config.audio_channels) * config.patch_size
        self.output = convolution(widths[0], written, UNIT_KERNEL, bias=False)
        self.steering = SteeredStems(config, widths[-2]) if config.stems else None

    def forward(self, latents: Tensor, first_frame: int = 0) -> Tensor:
        """Turn latents into sound.

        Args:
            latents: Latents (batch, latent_dim, frames).
            first_frame: Number of the first frame within the whole sound, where only a part is decoded.

        Returns:
            Sound (batch, audio_channels, frames * hop), of any amplitude: nothing bounds it.
        """
        features: Tensor = self.stages[0](self.input(latents))
        y: Tensor = self.output(self.activation(self.stages[1:](features)))
        written = unfold_samples(y, self.patch_size)
        if self.steering is None:
            return written
        steered: Tensor = self.steering(written, features, first_frame)
        return steered
