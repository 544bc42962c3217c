"""Stage 2: what sounds are like, from non-spatial recordings lifted to four channels."""

from dataclasses import dataclass

import torch

from audiospace.models import Conditions, SpatialAudioModel
from audiospace.training.flow_matching import Given, everywhere
from audiospace.training.latents import LatentSet


@dataclass(frozen=True)
class Unconditional:
    """Tells the network nothing but the noisy latents."""

    def give(self, model: SpatialAudioModel, items: LatentSet, generator: torch.Generator) -> Given:  # noqa: ARG002
        """No video, no known span."""
        return Given(Conditions(), None, everywhere(items.latents))
