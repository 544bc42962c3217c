"""The only source of sizes and rates: frozen, validated, and written into every model file."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from audiospace.models.config_values import constructor_arguments, plain_section, require_positive
from audiospace.models.parametric_config import SPATIAL_DIMENSIONS, ParametricVAEConfig

ROLES = ("global", "additive", "spherical")
SPHERICAL_MIXTURES = 8
"""Learned sums of categories whose directions a spherical conditioner gives beside the categories."""
MINIMUM_ROTARY_WIDTH = 32
AMBISONIC_CHANNELS = 4


@dataclass(frozen=True)
class VAEConfig:
    """Sizes of the audio autoencoder.

    Attributes:
        sample_rate: Of the audio, in Hz.
        audio_channels: 4 for first-order ambisonics.
        channels: Width of the first stage.
        channel_multipliers: Width of the stages in units of `channels`, finest first.
        strides: Downsampling factor of each stage, finest first; each 2 or more.
        latent_dim: Channels of a latent frame.
        patch_size: Samples folded into channels before the first convolution (1, as published: none).
        stems: Signals that the decoder writes and steers by slow directions, with shaped noise added to each
            (0, as published: it writes the channels themselves). Only for 4 channels in AmbiX order.
        bands: Frequency bands of that noise.
    """

    sample_rate: int
    audio_channels: int
    channels: int
    channel_multipliers: tuple[int, ...]
    strides: tuple[int, ...]
    latent_dim: int
    patch_size: int = 1
    stems: int = 0
    bands: int = 24

    def __post_init__(self) -> None:
        require_positive(self, "sample_rate", "audio_channels", "channels", "latent_dim", "patch_size")
        if len(self.strides) != len(self.channel_multipliers) or not self.strides:
            raise ValueError(
                f"{self.strides=} and {self.channel_multipliers=} must be equally long, not empty"
            )
        if min(self.strides) < 2 or min(self.channel_multipliers) < 1:
            raise ValueError(f"{self.strides=} must be 2 or more, {self.channel_multipliers=} 1 or more")
        if self.stems < 0 or self.bands < 2 or (self.stems and self.audio_channels != AMBISONIC_CHANNELS):
            raise ValueError(
                f"{self.stems=} needs {AMBISONIC_CHANNELS} channels, and {self.bands=} must be 2 or more"
            )

    @property
    def hop(self) -> int:
        """Samples per latent frame."""
        return self.patch_size * math.prod(self.strides)

    @property
    def block(self) -> int:
        """Samples per step of the coarsest stage: how fast stems are steered and noise is shaped."""
        return self.hop // self.strides[-1]

    @property
    def frame_rate(self) -> float:
        """Latent frames per second."""
        return self.sample_rate / self.hop


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of the velocity network.

    Attributes:
        latent_dim: Channels of a latent frame, as the autoencoder's.
        width: Channels of a token.
        depth: Number of blocks.
        heads: Attention heads; `width / heads` must be whole and at least 32.
        global_dim: Channels of the embedded global condition.
        ff_multiplier: Inner width of the feed-forward layers in units of `width`.
        span_context: Whether known latents can be given beside the noisy ones (not in the published model).
        vectors: How many directions the last latents hold, three numbers each; above 0 the network is built
            so that they turn with the picture (0, as published: latents have no such meaning).
        vector_width: Vectors that go through such a network beside each token.
        seen_vectors: Vectors that the spherical conditioner gives it.
    """

    latent_dim: int
    width: int
    depth: int
    heads: int
    global_dim: int
    ff_multiplier: int = 4
    span_context: bool = False
    vectors: int = 0
    vector_width: int = 32
    seen_vectors: int = 0

    def __post_init__(self) -> None:
        require_positive(self, "latent_dim", "width", "depth", "heads", "global_dim", "ff_multiplier")
        if self.width % self.heads or self.head_dim < MINIMUM_ROTARY_WIDTH or self.rotary_width % 2:
            raise ValueError(
                f"{self.width=} over {self.heads=} must give whole heads of {MINIMUM_ROTARY_WIDTH} "
                "channels or more, of which an even number turns with position"
            )

    @property
    def head_dim(self) -> int:
        """Channels of one attention head."""
        return self.width // self.heads

    @property
    def rotary_width(self) -> int:
        """How many channels of each head carry the rotary position."""
        return max(self.head_dim // 2, MINIMUM_ROTARY_WIDTH)

    @property
    def content_dim(self) -> int:
        """How many of the latents do not turn: all but the directions, which come last."""
        return self.latent_dim - SPATIAL_DIMENSIONS * self.vectors


@dataclass(frozen=True)
class ConditionerConfig:
    """How one branch of video features enters the transformer.

    Attributes:
        name: Of the conditioner; a Python identifier, since it names weights.
        branch: Of the features that it reads.
        role: "global" (pooled over time into the first token), "additive" (added token by token), or
            "spherical" (moments in AmbiX order, whose directions go into an equivariant network as such).
        input_dim: Numbers per time step of that branch, all of its trailing dimensions together.
        standardise: Whether the features' mean and scale are kept and taken out (not in the published model).
    """

    name: str
    branch: str
    role: str
    input_dim: int
    standardise: bool = False

    def __post_init__(self) -> None:
        require_positive(self, "input_dim")
        if self.role not in ROLES:
            raise ValueError(
                f"the role of conditioner {self.name!r} must be one of {ROLES}, not {self.role!r}"
            )
        if not self.name.isidentifier():
            raise ValueError(f"the conditioner name {self.name!r} is not an identifier")


@dataclass(frozen=True)
class FeatureConfig:
    """What the video features are that a model was trained with.

    Attributes:
        encoder: Identity of the frame encoder.
        frames_per_second: Time steps of features per second.
        tile_count: Tiles that cover the sphere; 0 where no branch looks at tiles.
    """

    encoder: str
    frames_per_second: float
    tile_count: int = 0

    def __post_init__(self) -> None:
        require_positive(self, "frames_per_second")
        if self.tile_count < 0:
            raise ValueError(f"{self.tile_count=} must not be negative")


@dataclass(frozen=True)
class ModelConfig:
    """Everything needed to build a model and to use it as it was meant.

    Attributes:
        name: Of the model.
        vae: The autoencoder.
        transformer: The velocity network.
        conditioners: The video branches, with distinct names; may be empty.
        features: The features that the conditioners read.
        window_seconds: Length of sound that the transformer was trained on.
        guidance_scale: Default strength of classifier-free guidance; 1 is none.
        steps: Default number of solver steps.
        solver: Default way to follow the flow.
        expected_directions: How far generated directions are drawn towards those expected of the video, 0 to
            1, where latents name directions (0, as published: not at all).
    """

    name: str
    vae: VAEConfig | ParametricVAEConfig
    transformer: TransformerConfig
    conditioners: tuple[ConditionerConfig, ...]
    features: FeatureConfig
    window_seconds: float = 10.0
    guidance_scale: float = 3.0
    steps: int = 24
    solver: str = "euler"
    expected_directions: float = 0.0

    def __post_init__(self) -> None:
        require_positive(self, "window_seconds", "steps")
        if self.vae.latent_dim != self.transformer.latent_dim:
            raise ValueError(f"{self.vae.latent_dim=} differs from {self.transformer.latent_dim=}")
        self._check_directions()
        names = [conditioner.name for conditioner in self.conditioners]
        if len(set(names)) != len(names):
            raise ValueError(f"conditioner names must be distinct, not {names}")
        if self.window_frames < 1:
            raise ValueError(f"{self.window_seconds=} is shorter than one latent frame")

    def _check_directions(self) -> None:
        """Vectors in the network are the directions in the latents, and those that a conditioner gives it."""
        if not 0 <= self.expected_directions <= 1 or (
            self.expected_directions and not self.transformer.vectors
        ):
            raise ValueError(f"{self.expected_directions=} must be 0 to 1, and 0 without named directions")
        named = self.vae.direction_bands if isinstance(self.vae, ParametricVAEConfig) else 0
        if self.transformer.vectors not in (0, named):
            raise ValueError(f"{self.transformer.vectors=} but the latents name {named} directions")
        seen = [
            part.input_dim // 4 + SPHERICAL_MIXTURES for part in self.conditioners if part.role == "spherical"
        ]
        if seen not in ([], [self.transformer.seen_vectors]) or (seen and not self.transformer.vectors):
            raise ValueError(f"{self.transformer.seen_vectors=} but spherical conditioners give {seen}")

    @property
    def branches(self) -> frozenset[str]:
        """The branches of the video's features that the conditioners read."""
        return frozenset(conditioner.branch for conditioner in self.conditioners)

    @property
    def window_frames(self) -> int:
        """Latent frames in a window, rounded down as the encoder does."""
        return math.floor(self.window_seconds * self.vae.sample_rate) // self.vae.hop

    def to_dict(self) -> dict[str, Any]:
        """The configuration as JSON- and YAML-ready values; `from_dict` reads it back."""
        values: dict[str, Any] = dataclasses.asdict(self)
        for key in {"channel_multipliers", "strides"} & values["vae"].keys():
            values["vae"][key] = list(values["vae"][key])
        values["conditioners"] = list(values["conditioners"])
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Build a configuration from plain values.

        Args:
            values: As `to_dict` gives them; fields that have a default may be left out.

        Returns:
            The checked configuration.

        Raises:
            ValueError: A key is unknown or missing, or a value is of the wrong type or out of range.
        """
        plain = dict(plain_section(values, "the configuration"))
        sections: dict[str, object] = {}
        parametric = "content_dim" in plain_section(plain.get("vae", {}), "vae")
        for key, kind in (
            ("vae", ParametricVAEConfig if parametric else VAEConfig),
            ("transformer", TransformerConfig),
            ("features", FeatureConfig),
        ):
            if key in plain:
                sections[key] = kind(**constructor_arguments(kind, plain_section(plain.pop(key), key), key))
        if "conditioners" in plain:
            entries = plain.pop("conditioners")
            if not isinstance(entries, list | tuple):
                raise ValueError(f"conditioners must be a list, not {entries!r}")
            sections["conditioners"] = tuple(
                ConditionerConfig(
                    **constructor_arguments(ConditionerConfig, plain_section(entry, where), where)
                )
                for where, entry in ((f"conditioners[{index}]", entry) for index, entry in enumerate(entries))
            )
        return cls(**constructor_arguments(cls, plain | sections, "the configuration"))
