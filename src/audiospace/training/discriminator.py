"""A network that tells reconstructed sound fields from real ones by their spectra at several resolutions.

It follows the multi-scale complex spectrogram discriminator of EnCodec (Defossez, Copet, Synnaeve and Adi
2022), which the published recipe of the stereo autoencoder uses as well. Real and imaginary parts of the four
ambisonic channels enter together, so that it also judges the phase relations that carry directions.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from audiospace.training.losses import DiscriminatorConfig, spectrum

KERNEL = (3, 9)
DILATIONS = (1, 2, 4)
LAST_KERNEL = (3, 3)
SLOPE = 0.2
QUIETEST = 1e-3


@dataclass(frozen=True)
class Verdict:
    """What one network says of a batch.

    Attributes:
        scores: Above 0 where it takes the sound for real, shape (batch, 1, frames, bins).
        features: What came out of each inner layer, shapes (batch, filters, frames, bins), bins ever fewer.
    """

    scores: Tensor
    features: tuple[Tensor, ...]


class SpectralNetwork(nn.Module):
    """Convolutions over the spectrogram of one window length, wider in frequency than in time.

    Args:
        channels: Of the sound.
        filters: Of every inner layer.
        window: Window length in samples.
        overlap: Frames per window length.
    """

    def __init__(self, channels: int, *, filters: int, window: int, overlap: int) -> None:
        super().__init__()
        self.window = window
        self.overlap = overlap
        dilated = [_layer(filters, filters, KERNEL, dilation=d, stride=2) for d in DILATIONS]
        self.layers = nn.ModuleList(
            [
                _layer(2 * channels, filters, KERNEL),
                *dilated,
                _layer(filters, filters, LAST_KERNEL),
            ]
        )
        self.output = _layer(filters, 1, LAST_KERNEL)

    def forward(self, sound: Tensor) -> Verdict:
        """Judge sound of shape (batch, channels, samples)."""
        spectra = spectrum(sound, self.window, self.overlap)
        x = torch.cat([spectra.real, spectra.imag], dim=1)
        features = []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), SLOPE)
            features.append(x)
        return Verdict(self.output(x), tuple(features))


class Discriminator(nn.Module):
    """One network for every window length.

    Args:
        channels: Of the sound.
        config: Sizes.
    """

    def __init__(self, channels: int, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.networks = nn.ModuleList(
            SpectralNetwork(channels, filters=config.filters, window=window, overlap=config.overlap)
            for window in config.windows
        )

    def forward(self, sound: Tensor, level: Tensor) -> tuple[Verdict, ...]:
        """Judge sound.

        Args:
            sound: Shape (batch, channels, samples).
            level: What to divide each item by, shape (batch,): that of the real sound (see `level_of`), for
                the reconstruction too, so that faint scenes are judged like loud ones and wrong levels show.

        Returns:
            The verdict of each network.
        """
        scaled = sound / level[:, None, None]
        return tuple(network(scaled) for network in self.networks)


def level_of(sound: Tensor) -> Tensor:
    """Root of the mean square over all channels, at least 0.001, shape (batch,)."""
    return sound.square().mean(dim=(-2, -1)).sqrt().clamp_min(QUIETEST)


def _layer(
    channels_in: int, channels_out: int, kernel: tuple[int, int], *, dilation: int = 1, stride: int = 1
) -> nn.Module:
    """A weight-normalised convolution over (frames, bins), dilated in time, strided in frequency."""
    padding = (dilation * (kernel[0] // 2), kernel[1] // 2)
    layer = nn.Conv2d(
        channels_in, channels_out, kernel, stride=(1, stride), dilation=(dilation, 1), padding=padding
    )
    normalised: nn.Module = weight_norm(layer)
    return normalised
