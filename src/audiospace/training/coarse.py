"""Stage 2: what sounds are like, from non-spatial recordings lifted to four channels."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from audiospace.models import Conditions
from audiospace.training.flow_matching import LATENTS, Given, everywhere
from audiospace.training.stage import Batch


@dataclass(frozen=True)
class Unconditional:
    """Tells the network nothing but the noisy latents."""

    def draw(self, frames: int, generator: torch.Generator) -> dict[str, Tensor]:  # noqa: ARG002
        """Nothing more is random."""
        return {}

    def give(self, embedder: nn.Module, batch: Batch) -> Given:  # noqa: ARG002
        """No video, no known span."""
        return Given(Conditions(), None, everywhere(batch[LATENTS]))
