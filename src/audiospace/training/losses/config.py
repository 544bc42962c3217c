"""Which losses train the autoencoder, and how much each of them counts."""

from dataclasses import dataclass, field

from audiospace.errors import UserError
from audiospace.training.losses.stft import shortest_signal


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Size of the discriminator. The defaults are those published for the stereo autoencoder.

    Attributes:
        filters: Channels of its convolutions.
        windows: Window lengths in samples, one network for each.
        overlap: Frames per window length.

    Raises:
        UserError: There is no window, or one is shorter than its overlap allows.
    """

    filters: int = 64
    windows: tuple[int, ...] = (2048, 1024, 512, 256, 128)
    overlap: int = 4

    def __post_init__(self) -> None:
        _require_windows("losses.discriminator.windows", self.windows, self.overlap)


@dataclass(frozen=True)
class VAELossConfig:
    """Weights and resolutions of the losses of the `vae` stage; a weight of 0 leaves a loss out.

    The defaults of what the published recipe has (the autoencoder of Stable Audio 2.0 in stable-audio-tools,
    of which the published model is the four-channel version) are its values; the rest is ours.

    Attributes:
        resolutions: Window lengths of the spectral losses in samples.
        overlap: Frames per window length.
        perceptual: Whether spectra are A-weighted before their magnitudes are compared.
        turned: Whether the axes of channels and cardioids point elsewhere in every step, so that no direction
            is better kept than another.
        omni: Whether magnitudes and levels are compared in W alone: enough, at a tenth of the work, for an
            autoencoder that measures directions and learns only what W sounds like.
        channels: Weight of the magnitudes of W, Y, Z and X.
        cardioids: Weight of the magnitudes of the sums and differences of W with Y, Z and X.
        level: Weight of the band levels of all of these (not published).
        intensity: Weight of the intensity vectors per band (not published).
        intensity_window: Window length of the intensity vectors in samples.
        waveform: Weight of the absolute difference of the waveforms, relative to the target's.
        kl: Weight of the divergence of the latents from a normal distribution.
        adversarial: Weight of the verdict of the discriminator (hinge).
        feature_matching: Weight of the difference of the discriminator's inner features.
        adversarial_from: Step at which the discriminator starts to learn and to count.
        discriminator: Its size.

    Raises:
        UserError: There is no window, or one is shorter than its overlap allows; or sums and differences are
            to be compared of W alone.
    """

    resolutions: tuple[int, ...] = (2048, 1024, 512, 256, 128, 64, 32)
    overlap: int = 4
    perceptual: bool = True
    turned: bool = True
    omni: bool = False
    channels: float = 1.0
    cardioids: float = 1.0
    level: float = 0.0
    intensity: float = 1.0
    intensity_window: int = 512
    waveform: float = 0.0
    kl: float = 1e-4
    adversarial: float = 0.1
    feature_matching: float = 5.0
    adversarial_from: int = 0
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)

    def __post_init__(self) -> None:
        _require_windows("losses.resolutions", self.resolutions, self.overlap)
        if self.omni and self.cardioids:
            raise UserError(
                "losses.omni compares W alone, which has no sums and differences",
                remedy="Set losses.cardioids to 0",
            )
        _require_windows("losses.intensity_window", (self.intensity_window,), self.overlap)

    @property
    def has_discriminator(self) -> bool:
        """Whether a discriminator takes part at all."""
        return self.adversarial > 0 or self.feature_matching > 0

    @property
    def shortest_segment(self) -> int:
        """Samples that every one of the losses needs at least."""
        needed = [shortest_signal(size, self.overlap) for size in (*self.resolutions, self.intensity_window)]
        if self.has_discriminator:
            opponent = self.discriminator
            needed += [shortest_signal(size, opponent.overlap) for size in opponent.windows]
        return max(needed)


def _require_windows(name: str, windows: tuple[int, ...], overlap: int) -> None:
    if overlap < 1 or not windows or min(windows) < 2 * overlap:
        raise UserError(
            f"{name} is {list(windows)} with an overlap of {overlap}, which makes no spectra",
            remedy="Give windows of at least twice the overlap, which is 1 or more",
        )
