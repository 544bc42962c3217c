"""Sizes of the parametric autoencoder: a spectrum for the omnidirectional channel, and directions by name."""

from dataclasses import dataclass

BLOCKS_PER_WINDOW = 2
"""Hops per analysis window."""
SPATIAL_DIMENSIONS = 3


@dataclass(frozen=True)
class ParametricVAEConfig:
    """Sizes of an autoencoder whose latents carry W as learnt numbers and directions as vectors.

    Attributes:
        sample_rate: Of the audio, in Hz.
        content_dim: Latents that carry what W sounds like.
        direction_bands: Frequency bands whose direction is a vector of three latents each.
        spectral_bands: Bands in which the level of W is coded.
        hop: Samples per latent frame, a multiple of `fft_hop`.
        fft_hop: Samples between short-time spectra; their windows are twice as long.
        fine_width: Channels of the networks at the rate of the spectra.
        coarse_width: Channels of the networks at the rate of the latents.
        depth: Residual blocks at each of the two rates.
    """

    sample_rate: int
    content_dim: int
    direction_bands: int
    spectral_bands: int = 96
    hop: int = 4096
    fft_hop: int = 512
    fine_width: int = 128
    coarse_width: int = 256
    depth: int = 2

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value <= 0:
                raise ValueError(f"ParametricVAEConfig.{name} must be above zero, not {value}")
        if self.hop % self.fft_hop or self.direction_bands < 2 or self.spectral_bands < 2:
            raise ValueError(
                f"{self.hop=} must be a multiple of {self.fft_hop=}, and there must be two bands or more"
            )

    @property
    def audio_channels(self) -> int:
        """Four: AmbiX order."""
        return 4

    @property
    def latent_dim(self) -> int:
        """Channels of a latent frame: the content, then the directions (band by band: y, z, x)."""
        return self.content_dim + SPATIAL_DIMENSIONS * self.direction_bands

    @property
    def frame_rate(self) -> float:
        """Latent frames per second."""
        return self.sample_rate / self.hop

    @property
    def fft_size(self) -> int:
        """Samples of a window."""
        return BLOCKS_PER_WINDOW * self.fft_hop

    @property
    def bins(self) -> int:
        """Frequency bins of a spectrum."""
        return self.fft_size // 2 + 1

    @property
    def spectra_per_frame(self) -> int:
        """Short-time spectra per latent frame."""
        return self.hop // self.fft_hop
