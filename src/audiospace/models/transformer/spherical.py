"""Visual ambisonics for an equivariant network: how much of each category, and from where."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from audiospace.models.config import SPHERICAL_MIXTURES, ConditionerConfig

_HIDDEN = 128
_WEAK = 0.002
"""A moment of this length counts half: a twentieth of probability in one of 24 tiles."""


class SphericalConditioner(nn.Module):
    """Amounts and lengths of the moments as numbers, and their directions as vectors.

    Args:
        config: What it reads: moments (W, Y, Z, X) of `input_dim / 4` categories.
        width: Channels of a token.
        content_dim: Latents whose content is expected.
    """

    def __init__(self, config: ConditionerConfig, width: int, content_dim: int) -> None:
        super().__init__()
        self.categories = config.input_dim // 4
        self.shares = nn.Parameter(torch.zeros(SPHERICAL_MIXTURES, self.categories))
        nn.init.normal_(self.shares)
        numbers = 2 * (self.categories + SPHERICAL_MIXTURES)
        self.layer = nn.Linear(numbers, width, bias=False)
        self.expectation = nn.Sequential(
            nn.Linear(numbers, _HIDDEN), nn.SiLU(), nn.Linear(_HIDDEN, content_dim)
        )

    def forward(self, moments: Tensor) -> dict[str, Tensor]:
        """Embed.

        Args:
            moments: (batch, time, 4, categories), W, Y, Z, X.

        Returns:
            'additive': numbers that do not turn, embedded (batch, time, width); 'vectors': at most 1 long
            (batch, time, 3, categories + mixtures); 'expected': of content (batch, time, content_dim).

        Raises:
            ValueError: The shape does not fit.
        """
        if moments.shape[2:] != (4, self.categories):
            raise ValueError(f"moments (4, {self.categories}) expected, not {tuple(moments.shape[2:])}")
        mixed = moments @ functional.softplus(self.shares).T
        both = torch.cat((moments, mixed), dim=-1)
        amount, vectors = both[:, :, 0], both[:, :, 1:]
        length = vectors.square().sum(dim=2).clamp_min(1e-12).sqrt()
        numbers = torch.cat((torch.log1p(amount.clamp_min(0) / _WEAK), torch.log1p(length / _WEAK)), dim=-1)
        return {
            "additive": self.layer(numbers),
            "vectors": vectors / (length + _WEAK)[:, :, None],
            "expected": self.expectation(numbers),
        }
