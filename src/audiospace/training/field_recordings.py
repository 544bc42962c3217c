"""Segments of recorded sound fields: what the autoencoder learns from where there are any."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from audiospace.ambisonics import rotate
from audiospace.errors import UserError
from audiospace.media import probe
from audiospace.media.sound import skip_blocks
from audiospace.training.data.clip_sound import field_blocks
from audiospace.training.data.damage import Damage
from audiospace.training.losses import random_rotation

FloatArray = NDArray[np.float32]

HELD_OUT = 20
"""One original in this many is for validation, and at least one."""
REUSE = 8
"""Steps that a decoded stretch is cut from: decoding costs more than everything else about an item."""
STRETCH_SECONDS = 12.0
ATTEMPTS = 20


@dataclass(frozen=True)
class FieldRecordings:
    """Files of sound fields, cut at random.

    Attributes:
        files: At least one.
        sample_rate: Samples per second of what is cut.
        seed: Of the cuts.
        damage: Files that could not be read.
    """

    files: tuple[Path, ...]
    sample_rate: int
    seed: int
    damage: Damage = field(default_factory=Damage)
    _stretches: dict[int, tuple[int, FloatArray]] = field(default_factory=dict, repr=False, compare=False)

    def segment(self, step: int, number: int, samples: int) -> FloatArray:
        """Cut an item of a step. It depends on the step and the number alone.

        Args:
            step: Number of the step.
            number: Number of the item in the batch.
            samples: Length.

        Returns:
            AmbiX sound field, shape (4, samples), turned at random; a shorter recording ends in silence.

        Raises:
            UserError: Many files in a row cannot be read.
        """
        turn = (step + number) // REUSE  # not all items need a new stretch in the same step
        known, stretch = self._stretches.get(number, (-1, None))
        if stretch is None or known != turn or stretch.shape[1] < samples:
            stretch = self._stretch(turn, number, samples)
            self._stretches[number] = (turn, stretch)
        rng = np.random.default_rng((self.seed, 1, step, number))
        start = int(rng.integers(0, stretch.shape[1] - samples + 1))
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        matrix = random_rotation(generator).double().numpy()
        return rotate(stretch[:, start : start + samples], matrix).astype(np.float32)

    def _stretch(self, turn: int, number: int, samples: int) -> FloatArray:
        """Read a stretch of a file, or of another one where that cannot be read."""
        rng = np.random.default_rng((self.seed, 0, turn, number))
        for _ in range(ATTEMPTS):
            file, place = self.files[rng.integers(len(self.files))], float(rng.random())
            try:
                return self._read(file, place, samples)
            except UserError as error:
                self.damage.add(str(file.parent), file.name, str(error))
        raise UserError(
            f"{ATTEMPTS} recordings in a row cannot be read",
            file=self.files[0].parent,
            remedy="See the warnings",
        )

    def _read(self, file: Path, place: float, samples: int) -> FloatArray:
        wanted = max(samples, round(STRETCH_SECONDS * self.sample_rate))
        spare = max(0, round(probe(file).duration * self.sample_rate) - wanted)
        blocks, length = [], 0
        for block in skip_blocks(field_blocks(file, self.sample_rate, None), round(place * spare)):
            blocks.append(block)
            length += block.shape[1]
            if length >= wanted:
                break
        if length == 0:
            raise UserError("holds no sound", file=file)
        whole = np.concatenate(blocks, axis=1)[:, :wanted]
        return np.pad(whole, ((0, 0), (0, max(0, samples - length))))


def held_out_recordings(files: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Divide recordings into those to train on and those to validate with.

    Cuts of one original, named ORIGINAL_START as in Sphere360, stay on one side.

    Args:
        files: At least two originals.

    Returns:
        For training and for validation, neither empty.

    Raises:
        UserError: There is only one original.
    """
    originals = sorted(
        {_original(file) for file in files}, key=lambda name: hashlib.sha256(name.encode()).digest()
    )
    if len(originals) < 2:
        raise UserError(
            "one recording is too few: some train, others validate",
            file=files[0] if files else None,
            remedy="Give two recordings or more",
        )
    validation = set(originals[: max(1, len(originals) // HELD_OUT)])
    return (
        tuple(file for file in files if _original(file) not in validation),
        tuple(file for file in files if _original(file) in validation),
    )


def _original(file: Path) -> str:
    return re.sub(r"_\d+$", "", file.stem)
