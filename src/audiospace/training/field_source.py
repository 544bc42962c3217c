"""The sound fields that the autoencoder learns from and is judged by: recorded ones and simulated ones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from audiospace.training.config import DataConfig
from audiospace.training.data.sources import find_sources
from audiospace.training.field_recordings import FieldRecordings, held_out_recordings
from audiospace.training.fields import SoundPool, random_field, sound_library

VALIDATION_SEED = 20_000_003


@dataclass(frozen=True)
class FieldSource:
    """Draws sound fields of one length.

    Attributes:
        sounds: What simulated fields are made of.
        recordings: Recorded fields, if there are any.
        recorded_share: Share of the fields that are cut from recordings, 0..1.
        samples: Length of every field.
    """

    sounds: SoundPool
    recordings: FieldRecordings | None
    recorded_share: float
    samples: int

    def field(self, step: int, number: int, rng: np.random.Generator) -> Tensor:
        """Draw a field.

        Args:
            step: Number of the step.
            number: Number of the item in the batch.
            rng: Of this item, the same whoever draws it.

        Returns:
            AmbiX sound field, shape (4, samples).
        """
        if self.recordings is not None and rng.random() < self.recorded_share:
            return torch.from_numpy(self.recordings.segment(step, number, self.samples))
        rate = self.sounds.sample_rate
        return torch.from_numpy(random_field(self.sounds, self.samples / rate, rate, rng))


def open_fields(
    data: DataConfig, samples: int, sample_rate: int, seed: int
) -> tuple[FieldSource, tuple[Tensor, ...]]:
    """Open what there is to train on and to validate with; no recording serves for both.

    Args:
        data: Which sounds and recordings.
        samples: Length of every field.
        sample_rate: Samples per second.
        seed: Of the training fields.

    Returns:
        Fields for training, and `data.validation_items` others, each of shape (4, samples).

    Raises:
        UserError: A folder is missing or empty, or files cannot be read.
    """
    training, validation = None, None
    if data.recordings:
        clips = find_sources([Path(folder) for folder in data.recordings], seed=0)
        files = held_out_recordings([clip.sound for clip in clips])
        training = FieldRecordings(files[0], sample_rate, seed)
        validation = FieldRecordings(files[1], sample_rate, VALIDATION_SEED)
    pool = SoundPool.fill(sound_library(data.sounds), sample_rate, seed, data.pool_draws)
    draws = max(1, data.pool_draws // 4)
    unseen = SoundPool.fill(sound_library(data.sounds, "validation"), sample_rate, VALIDATION_SEED, draws)
    judged = FieldSource(unseen, validation, data.recorded_share, samples)
    held_out = [
        judged.field(0, number, np.random.default_rng((VALIDATION_SEED, number)))
        for number in range(data.validation_items)
    ]
    return FieldSource(pool, training, data.recorded_share, samples), tuple(held_out)
