"""What the velocity network is told besides the noisy latents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from audiospace.models.config import ConditionerConfig
from audiospace.models.transformer.spherical import SphericalConditioner


@dataclass(frozen=True)
class Conditions:
    """Embedded video; without any, the network generates unconditionally. Zeros mean the same as None.

    Attributes:
        global_: Pooled over time by the network (batch, time, global_dim).
        additive: Stretched to the latents and added token by token (batch, time, width).
        vectors: Directions of what is seen, stretched likewise (batch, time, 3, seen vectors): y, z, x.
        expected: The latents' content to be expected of what is seen (batch, time, content).
    """

    global_: Tensor | None = None
    additive: Tensor | None = None
    vectors: Tensor | None = None
    expected: Tensor | None = None

    def masked(self, keep: Tensor, *, global_too: bool = False) -> "Conditions":
        """Drop the condition of some items, as training for classifier-free guidance does.

        Args:
            keep: Which items keep theirs, bool (batch,).
            global_too: Whether the global condition is dropped with the additive one (not so as published).

        Returns:
            Conditions with zeros where they were dropped.
        """
        factor = keep[:, None, None]
        additive = None if self.additive is None else self.additive * factor.to(self.additive)
        vectors = None if self.vectors is None else self.vectors * factor[..., None].to(self.vectors)
        expected = None if self.expected is None else self.expected * factor.to(self.expected)
        kept = replace(self, additive=additive, vectors=vectors, expected=expected)
        if not global_too or self.global_ is None:
            return kept
        return replace(kept, global_=self.global_ * factor.to(self.global_))

    def window(self, start: int, stop: int) -> "Conditions":
        """The time steps from `start` up to `stop`."""
        return Conditions(
            None if self.global_ is None else self.global_[:, start:stop],
            None if self.additive is None else self.additive[:, start:stop],
            None if self.vectors is None else self.vectors[:, start:stop],
            None if self.expected is None else self.expected[:, start:stop],
        )

    @property
    def length(self) -> int:
        """Time steps of the condition; 0 where there is none."""
        sequence = self.additive if self.global_ is None else self.global_
        return 0 if sequence is None else sequence.shape[1]


@dataclass(frozen=True)
class PreparedConditions:
    """Conditions brought to the form the blocks use; the same at every flow time, so computed once.

    Attributes:
        token: The pooled global condition (batch, width).
        additive: One vector per latent frame (batch, frames, width).
        vectors: Directions of what is seen, per latent frame (batch, frames, 3, seen vectors).
        expected: Content to be expected of what is seen, per latent frame (batch, frames, content).
    """

    token: Tensor | None
    additive: Tensor | None
    vectors: Tensor | None = None
    expected: Tensor | None = None


@dataclass(frozen=True)
class SpanContext:
    """Known latents beside the noisy ones: inpainting, continuation, masked-span pre-training.

    Attributes:
        latents: Clean latents (batch, latent_dim, frames); what is not kept is never looked at.
        keep: 1 where a frame is known, else 0 (batch, 1, frames).
    """

    latents: Tensor
    keep: Tensor


class Conditioner(nn.Module):
    """One affine layer on every time step of one branch, after taking out the mean and scale where asked.

    Args:
        config: What it reads.
        output_dim: Channels of the embedded condition.
    """

    mean: Tensor | None
    scale: Tensor | None

    def __init__(self, config: ConditionerConfig, output_dim: int) -> None:
        super().__init__()
        self.layer = nn.Linear(config.input_dim, output_dim)
        self.register_buffer("mean", torch.zeros(config.input_dim) if config.standardise else None)
        self.register_buffer("scale", torch.ones(config.input_dim) if config.standardise else None)

    def forward(self, features: Tensor) -> Tensor:
        """Embed features (batch, time, ...) whose trailing dimensions hold input_dim numbers."""
        flat = features.flatten(2)
        if flat.shape[-1] != self.layer.in_features:
            raise ValueError(
                f"{self.layer.in_features} features per time step expected, not {flat.shape[-1]}"
            )
        if self.mean is not None and self.scale is not None:
            flat = (flat - self.mean) / self.scale
        embedded: Tensor = self.layer(flat)
        return embedded


class ConditionEmbedder(nn.Module):
    """All the conditioners of a model; several of one role are summed.

    Args:
        configs: The conditioners.
        width: Channels of a token, which an additive condition must have.
        global_dim: Channels of the embedded global condition.
        content_dim: Latents whose content a spherical conditioner expects.
    """

    def __init__(
        self, configs: Sequence[ConditionerConfig], width: int, global_dim: int, content_dim: int = 0
    ) -> None:
        super().__init__()
        self.configs = tuple(configs)
        dims = {"global": global_dim, "additive": width}
        self.conditioners = nn.ModuleDict(
            {
                config.name: SphericalConditioner(config, width, content_dim)
                if config.role == "spherical"
                else Conditioner(config, dims[config.role])
                for config in self.configs
            }
        )

    def forward(self, features: Mapping[str, Tensor]) -> Conditions:
        """Embed video features.

        Args:
            features: By branch (batch, time, ...); branches that no conditioner reads are ignored.

        Returns:
            The conditions; a role without conditioners stays None.

        Raises:
            ValueError: A branch is missing or of the wrong size.
        """
        sums: dict[str, Tensor] = {}
        for config in self.configs:
            if config.branch not in features:
                raise ValueError(
                    f"the features lack the branch {config.branch!r}; they have {sorted(features)}"
                )
            embedded = self.conditioners[config.name](features[config.branch])
            for role, part in (embedded if config.role == "spherical" else {config.role: embedded}).items():
                sums[role] = sums[role] + part if role in sums else part
        return Conditions(sums.get("global"), sums.get("additive"), sums.get("vectors"), sums.get("expected"))
