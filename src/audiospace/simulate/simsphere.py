"""SimSphere, the benchmark of simulated clips that needs no download: how its scenes are drawn."""

import hashlib
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from audiospace.simulate.clip_files import ClipFormat
from audiospace.simulate.random_scenes import random_scene
from audiospace.simulate.scene import Scene
from audiospace.simulate.shares import SPLITS, Split
from audiospace.simulate.sources import SoundLibrary

DATASET_VERSION = "1"
"""Changes whenever the same recipe no longer gives the same clips."""

SPLIT_SPACING, SEED_SPACING = 10**12, 10**6
"""Between the scene seeds of splits and of data-set seeds: clips of a split are numbered below a million."""


@dataclass(frozen=True)
class Mixture:
    """How often things occur in scenes.

    Attributes:
        sources: Smallest and largest number of sounding sources.
        moving: Probability that a source moves.
        room: Probability of a room instead of the open air.
        distractors: Probability of one more source that is seen and not heard.
        behind: Probability that all that sounds stays behind the camera.
        ambience: Probability that the diffuse ambience is a recording or a procedural texture, and not noise.
        noise: Probability of a noisy microphone and a camera whose noise differs from scene to scene.
    """

    sources: tuple[int, int] = (1, 4)
    moving: float = 0.5
    room: float = 0.5
    distractors: float = 0.25
    behind: float = 0.2
    ambience: float = 0.5
    noise: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what clip k is; the number of clips is not among it.

    Attributes:
        split: Which split; splits share neither a scene nor a recording.
        seed: 0 for the benchmark itself; another seed gives other scenes.
        sounds: Folders of labelled recordings, played beside the procedural sounds.
        seconds: Length of a clip.
        mixture: How often things occur.
        layout: Rates and sizes.
    """

    split: Split = "train"
    seed: int = 0
    sounds: tuple[Path, ...] = ()
    seconds: float = 10.0
    mixture: Mixture = field(default_factory=Mixture)
    layout: ClipFormat = field(default_factory=ClipFormat)

    def library(self) -> SoundLibrary:
        """The procedural sounds and the split's recordings.

        Returns:
            The library; the same object, with what it has decoded, for the same folders and split.

        Raises:
            UserError: A folder is missing or holds no recording of a known kind.
        """
        return _library(self.sounds, self.split)

    def clip_id(self, number: int) -> str:
        """Name clip `number` in the manner of Sphere360, NAME_START."""
        return f"sim-{self.split}-{self.seed}-{number:06d}_0"

    def scene(self, number: int) -> Scene:
        """Draw the scene of clip `number`.

        Args:
            number: 0 or more, below a million.

        Returns:
            The scene: the same one whatever the number of clips and whatever recordings there are.

        Raises:
            ValueError: The number is out of its range.
        """
        if not 0 <= number < SEED_SPACING:
            raise ValueError(f"clip numbers are below {SEED_SPACING}, got {number}")
        base = (1 + SPLITS.index(self.split)) * SPLIT_SPACING + self.seed * SEED_SPACING
        return random_scene(
            base + number,
            seconds=self.seconds,
            split=self.split,
            **asdict(self.mixture),
        )

    def described(self) -> dict[str, Any]:
        """Say what the clips are made from, as plain data; equal for recipes that give equal clips."""
        return {
            "name": "SimSphere",
            "version": DATASET_VERSION,
            "split": self.split,
            "seed": self.seed,
            "seconds": self.seconds,
            **asdict(self.layout),
            "mixture": {**asdict(self.mixture), "sources": list(self.mixture.sources)},
            "recordings": _described(self.library()),
        }


@lru_cache(maxsize=2)
def _library(folders: tuple[Path, ...], split: Split) -> SoundLibrary:
    return SoundLibrary.from_folder(*folders, split=split) if folders else SoundLibrary.procedural()


def _described(library: SoundLibrary) -> dict[str, Any]:
    """How many recordings there are, and a hash of their names and sizes."""
    rows = sorted(
        f"{recording.origin} {recording.path.stat().st_size}"
        for group in library.recordings.values()
        for recording in group
    )
    return {"count": len(rows), "fingerprint": hashlib.sha256("\n".join(rows).encode()).hexdigest()}
