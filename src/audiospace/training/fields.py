"""Random first-order sound fields without pictures: what the autoencoder and the pre-training stages hear."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import encode, encode_moving, from_mono, from_stereo, unit_vector
from audiospace.simulate import SoundLibrary, Split, diffuse_noise

FloatArray = NDArray[np.float32]

SILENT = 1e-4
POOL_SECONDS = 6.0
BED_LEVEL = 0.1
"""RMS of a diffuse bed at 0 dB, that of a drawn sound."""
GENERATOR_WORTH = 4
"""So many recordings of a kind are drawn as often as its generator."""


class Sounds(Protocol):
    """Something to draw sounds from: a `SoundLibrary`, or a `SoundPool` made from one."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be drawn."""

    def draw(self, kind: str, seconds: float, sample_rate: int, rng: np.random.Generator) -> FloatArray:
        """A mono sound of a kind, shape (seconds * sample_rate,)."""


DrawField = Callable[[Sounds, float, int, np.random.Generator], FloatArray]


@dataclass(frozen=True)
class SoundPool:
    """Sounds drawn once from a library and cut anew each time: cheap enough for every training step.

    Attributes:
        sounds: From kind to its sounds, shape (draws, samples).
        sample_rate: Samples per second.
    """

    sounds: Mapping[str, FloatArray]
    sample_rate: int

    @classmethod
    def fill(cls, library: SoundLibrary, sample_rate: int, seed: int, draws: int) -> "SoundPool":
        """Draw sounds of every kind.

        Args:
            library: Where they come from.
            sample_rate: Samples per second.
            seed: Of the draws.
            draws: Sounds per kind.

        Returns:
            The pool.
        """
        rng = np.random.default_rng(seed)
        sounds = {
            kind: np.stack([library.draw(kind, POOL_SECONDS, sample_rate, rng) for _ in range(draws)])
            for kind in library.kinds
        }
        return cls(sounds, sample_rate)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be drawn."""
        return tuple(self.sounds)

    def draw(self, kind: str, seconds: float, sample_rate: int, rng: np.random.Generator) -> FloatArray:
        """Cut a random stretch of a random sound.

        Args:
            kind: One of `kinds`.
            seconds: Length in seconds, at most `POOL_SECONDS`.
            sample_rate: The pool's rate.
            rng: Source of randomness.

        Returns:
            Mono sound, shape (seconds * sample_rate,).

        Raises:
            ValueError: The rate is another one, or the stretch is longer than the pool's sounds.
        """
        group, count = self.sounds[kind], round(seconds * sample_rate)
        if sample_rate != self.sample_rate or count > group.shape[1]:
            raise ValueError(f"{seconds=} at {sample_rate=} cannot be cut from {group.shape[1]} samples")
        start = int(rng.integers(0, group.shape[1] - count + 1))
        return group[rng.integers(len(group)), start : start + count]


def sound_library(folders: tuple[str, ...], split: Split = "train") -> SoundLibrary:
    """A split of the recordings in `folders`, with the procedural sounds.

    Unlike SimSphere, a kind with a single recording is mostly synthesised: a model would take that recording
    for what the kind sounds like.

    Args:
        folders: Folders of labelled recordings; none for procedural sounds only.
        split: 'train' or 'validation': parts of the generator's share of the recordings, without common
            originals. Neither holds a recording of the judge's share or of the test share
            (`simulate.shares`).

    Returns:
        The library.

    Raises:
        UserError: A folder is missing or holds no recording of a known kind.
    """
    if not folders:
        return SoundLibrary.procedural()
    paths = (Path(folder) for folder in folders)
    return SoundLibrary.from_folder(*paths, split=split, generator_worth=GENERATOR_WORTH)


def random_direction(rng: np.random.Generator) -> tuple[float, float]:
    """A direction drawn uniformly over the sphere.

    Args:
        rng: Source of randomness.

    Returns:
        Azimuth and elevation in radians.
    """
    return float(rng.uniform(-np.pi, np.pi)), float(np.arcsin(rng.uniform(-1, 1)))


def random_field(sounds: Sounds, seconds: float, sample_rate: int, rng: np.random.Generator) -> FloatArray:
    """One to three sources from anywhere, a third of them moving, over a faint diffuse bed.

    Args:
        sounds: Sounds to draw from.
        seconds: Length in seconds.
        sample_rate: Samples per second.
        rng: Source of randomness.

    Returns:
        AmbiX sound field, shape (4, samples), at a level between -36 and -16 dBFS (RMS of W).
    """
    bed = diffuse_noise(round(seconds * sample_rate), sample_rate, rng, slope=0.5, high=16000.0)
    field = bed * np.float32(BED_LEVEL * 10 ** (rng.uniform(-40, -15) / 20))
    for _ in range(rng.integers(1, 4)):
        kind = sounds.kinds[rng.integers(len(sounds.kinds))]
        mono = sounds.draw(kind, seconds, sample_rate, rng) * np.float32(10 ** (rng.uniform(-14, 0) / 20))
        field[:, : len(mono)] += _placed(mono, seconds, sample_rate, rng)
    return _levelled(field, 10 ** (rng.uniform(-36, -16) / 20))


def pseudo_field(sounds: Sounds, seconds: float, sample_rate: int, rng: np.random.Generator) -> FloatArray:
    """Non-spatial sound lifted to four channels: mono into W, or a stereo mix into W and Y.

    Args:
        sounds: Sounds to draw from.
        seconds: Length in seconds.
        sample_rate: Samples per second.
        rng: Source of randomness.

    Returns:
        AmbiX-shaped pseudo field, shape (4, samples), with X and Z empty.
    """
    draws = [
        sounds.draw(sounds.kinds[rng.integers(len(sounds.kinds))], seconds, sample_rate, rng)
        for _ in range(rng.integers(1, 3))
    ]
    if len(draws) == 1:
        field = from_mono(draws[0])
    else:
        pan = rng.uniform(0, np.pi / 2, size=2)
        left = np.cos(pan[0]) * draws[0] + np.cos(pan[1]) * draws[1]
        right = np.sin(pan[0]) * draws[0] + np.sin(pan[1]) * draws[1]
        field = from_stereo(np.stack([left, right]).astype(np.float32))
    return _levelled(field, 10 ** (rng.uniform(-30, -18) / 20))


def endless(
    draw: DrawField, sounds: Sounds, seconds: float, sample_rate: int, seed: int
) -> Iterator[FloatArray]:
    """Fields without end.

    Args:
        draw: `random_field` or `pseudo_field`.
        sounds: Sounds to draw from.
        seconds: Length in seconds.
        sample_rate: Samples per second.
        seed: Field k depends on seed and k alone.

    Yields:
        Fields, shape (4, samples).
    """
    for number in itertools.count():
        yield draw(sounds, seconds, sample_rate, np.random.default_rng((seed, number)))


def _placed(mono: FloatArray, seconds: float, sample_rate: int, rng: np.random.Generator) -> FloatArray:
    """Encode a sound at a random direction, still or moving."""
    azimuth, elevation = random_direction(rng)
    if rng.random() < 2 / 3:
        return encode(mono, azimuth, elevation).astype(np.float32)
    travel = rng.uniform(-1.0, 1.0) * min(2.0, seconds / 2)
    path = unit_vector(np.array([azimuth, azimuth + travel]), np.array([elevation, elevation * 0.8]))
    return encode_moving(mono, np.array([0.0, seconds]), path, sample_rate).astype(np.float32)


def _levelled(field: FloatArray, level: float) -> FloatArray:
    """Bring the RMS of W to `level` with one gain for the four channels."""
    rms = float(np.sqrt(np.mean(np.square(field[0]))))
    return (field * np.float32(level / (rms + SILENT))).astype(np.float32)
