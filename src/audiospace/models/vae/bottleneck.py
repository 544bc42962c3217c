"""The distribution between encoder and decoder."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

_MINIMUM_STDEV = 1e-4


@dataclass(frozen=True)
class Posterior:
    """A diagonal Gaussian over latents.

    Attributes:
        mean: (batch, latent_dim, frames).
        stdev: Standard deviation, same shape, at least 1e-4.
    """

    mean: Tensor
    stdev: Tensor

    @classmethod
    def from_encoder(cls, output: Tensor) -> Self:
        """Read the encoder's output.

        Args:
            output: Means, then raw scales (batch, 2 latent_dim, frames).

        Returns:
            The distribution, with stdev = softplus(raw) + 1e-4.
        """
        mean, raw = output.chunk(2, dim=1)
        return cls(mean, functional.softplus(raw) + _MINIMUM_STDEV)

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """Draw latents.

        Args:
            generator: Source of randomness, on the latents' device; torch's own without one.

        Returns:
            Latents (batch, latent_dim, frames).
        """
        noise = torch.randn(
            self.mean.shape, generator=generator, device=self.mean.device, dtype=self.mean.dtype
        )
        return self.mean + self.stdev * noise

    def kl(self) -> Tensor:
        """Divergence from the standard normal: sum over channels, mean over the rest, without the factor 1/2.

        The factor is left out as in the published model, so the value is twice the textbook's.
        """
        variance = self.stdev.square()
        return (self.mean.square() + variance - variance.log() - 1).sum(dim=1).mean()
