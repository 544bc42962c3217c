"""Audio to the parameters of the latent distribution."""

from torch import Tensor, nn

from audiospace.models.config import VAEConfig
from audiospace.models.vae.analysis import FieldAnalysis
from audiospace.models.vae.convolution import (
    OUTPUT_TAPS,
    UNIT_KERNEL,
    convolution,
    downsampling,
    residual_units,
)
from audiospace.models.vae.patches import fold_samples
from audiospace.models.vae.snake import Snake


class EncoderStage(nn.Module):
    """Three residual units at the finer rate, then a strided convolution.

    Args:
        channels_in: Of the input (batch, channels_in, time).
        channels_out: Of the output (batch, channels_out, time // stride).
        stride: Downsampling factor.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.units = residual_units(channels_in)
        self.activation = Snake(channels_in)
        self.down = downsampling(channels_in, channels_out, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, channels_in, time) to (batch, channels_out, time // stride)."""
        y: Tensor = self.down(self.activation(self.units(x)))
        return y[..., : x.shape[-1] // self.stride]


class Encoder(nn.Module):
    """Convolutional encoder of the Oobleck family (Evans et al. 2024, Stable Audio Open).

    Args:
        config: The autoencoder's sizes.
    """

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.patch_size = config.patch_size
        widths = [config.channels, *(config.channels * factor for factor in config.channel_multipliers)]
        self.input = convolution(config.audio_channels * config.patch_size, widths[0], UNIT_KERNEL)
        self.stages = nn.Sequential(
            *(
                EncoderStage(channels_in, channels_out, stride)
                for channels_in, channels_out, stride in zip(
                    widths[:-1], widths[1:], config.strides, strict=True
                )
            )
        )
        self.activation = Snake(widths[-1])
        self.output = convolution(widths[-1], 2 * config.latent_dim, OUTPUT_TAPS)
        self.hop = config.hop
        self.analysis = FieldAnalysis(config) if config.stems else None

    def forward(self, audio: Tensor) -> Tensor:
        """Compress sound; samples beyond a whole number of latent frames are dropped.

        Args:
            audio: Sound (batch, audio_channels, samples).

        Returns:
            Means and raw scales, one after the other (batch, 2 latent_dim, samples // hop).
        """
        y: Tensor = self.output(
            self.activation(self.stages(self.input(fold_samples(audio, self.patch_size))))
        )
        if self.analysis is None:
            return y
        correction: Tensor = self.analysis(audio[..., : y.shape[-1] * self.hop])
        return y + correction
