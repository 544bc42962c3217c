"""What is measured of one sound: enough for every figure, and small."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from audiospace.ambisonics import CHANNELS
from audiospace.hearing import Heard
from audiospace.metrics import SILENCE, Onsets, SoundField


@dataclass(frozen=True, eq=False)
class Measurement:
    """All that metrics need of one sound.

    Attributes:
        field: Its statistics in slices of 50 ms.
        onsets: How much begins to sound, over time; None where that was not asked for.
        heard: What embedders made of it, by name.
    """

    field: SoundField
    onsets: Onsets | None
    heard: Mapping[str, Heard]

    @property
    def silent(self) -> bool:
        """Whether there is nothing to measure but its length."""
        return float(np.trace(self.field.whole)) / CHANNELS < SILENCE
