"""Stage 2: what sounds are like, from non-spatial recordings lifted to four channels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from audiospace.models import Conditions, SpatialAudioModel
from audiospace.simulate import SoundLibrary
from audiospace.training.fields import pseudo_field
from audiospace.training.flow_matching import Given, everywhere
from audiospace.training.latents import Example, LatentSet


@dataclass(frozen=True)
class Unconditional:
    """Tells the network nothing but the noisy latents."""

    def give(self, model: SpatialAudioModel, items: LatentSet, generator: torch.Generator) -> Given:  # noqa: ARG002
        """No video, no known span."""
        return Given(Conditions(), None, everywhere(items.latents))


def pseudo_fields(library: SoundLibrary, seconds: float, sample_rate: int, seed: int) -> Iterator[Example]:
    """Pseudo sound fields without end.

    Args:
        library: Sounds to draw from.
        seconds: Length in seconds.
        sample_rate: Samples per second.
        seed: Item k depends on seed and k alone.

    Yields:
        Examples without features.
    """
    number = 0
    while True:
        rng = np.random.default_rng((seed, number))
        yield Example(pseudo_field(library, seconds, sample_rate, rng), {})
        number += 1
