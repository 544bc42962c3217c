"""Latents and features of SimSphere, prepared once for all rows and seeds."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from audiospace.evaluation.workers import in_order
from audiospace.model_store import load_model
from audiospace.models import Autoencoder
from audiospace.reproduction.config import BRANCHES, COARSE, FINE, Size
from audiospace.simulate import Recipe, Split, render_sound
from audiospace.training.fields import endless, pseudo_field, random_field
from audiospace.training.latents import Example, LatentSet, prepare
from audiospace.training.simulated_features import simulate_features

FRAMES_PER_SECOND, TILE_COUNT = 4.0, 24
"""Of the simulated features."""
SCENES, VALIDATION, TEST = "scenes", "validation", "test"
SETS = (SCENES, VALIDATION, TEST, COARSE, FINE)
PART = 16
"""Items in a file; an interruption costs at most so many for each process."""

OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""

_SPLITS: dict[str, Split] = {SCENES: "train", VALIDATION: "validation", TEST: "test"}
_FIELD_SEED = 3_000_000


@dataclass(frozen=True)
class Source:
    """Where the items come from and where they are kept.

    Attributes:
        size: How many there are and how long.
        sounds: Folders of recordings, beside the procedural sounds.
        model: Name or file of the model whose autoencoder gives the latents.
        folder: Where they are kept.
    """

    size: Size
    sounds: tuple[Path, ...]
    model: str
    folder: Path

    def recipe(self, split: Split) -> Recipe:
        """SimSphere's own recipe, for scenes of another length."""
        return Recipe(split, sounds=self.sounds, seconds=self.size.seconds)

    def count(self, name: str) -> int:
        """Items of one of `SETS`."""
        size = self.size
        counts = {SCENES: size.scenes, VALIDATION: size.validation_scenes, TEST: size.test_scenes}
        return counts.get(name, size.fields)

    def parts(self, name: str) -> "list[Part]":
        """The files of one of `SETS`, in order."""
        count = self.count(name)
        return [Part(self, name, start, min(start + PART, count)) for start in range(0, count, PART)]


@dataclass(frozen=True)
class Part:
    """Items that are kept in one file.

    Attributes:
        source: Where they come from.
        name: One of `SETS`.
        start: Number of the first.
        stop: Number after the last.
    """

    source: Source
    name: str
    start: int
    stop: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.folder / f"{self.name}-{self.start:05}-{self.stop:05}.npz"


def prepare_items(source: Source, jobs: int, on_progress: OnProgress) -> None:
    """Make the items that are missing.

    Args:
        source: Which items.
        jobs: Processes.
        on_progress: Called with the name of a set, its items that are there, and their number.

    Raises:
        UserError: A folder of recordings is missing, or a file cannot be read or written.
    """
    source.recipe("train").library()
    for name in SETS:
        count = source.count(name)
        missing = [part for part in source.parts(name) if not part.path.exists()]
        done = count - sum(part.stop - part.start for part in missing)
        on_progress(name, done, count)
        for made in in_order(prepare_part, missing, jobs=min(jobs, max(1, len(missing)))):
            done += made
            on_progress(name, done, count)


def prepare_part(part: Part) -> int:
    """Make the items of one file.

    Args:
        part: Which.

    Returns:
        How many there are.
    """
    vae = _autoencoder(part.source.model)
    examples = _examples(part, vae.sample_rate)
    prepare(part.path, vae, examples, part.stop - part.start)
    return part.stop - part.start


def read_items(source: Source, name: str) -> LatentSet:
    """Read prepared items.

    Args:
        source: Where they are.
        name: One of `SETS`.

    Returns:
        All of them in order; those of 'coarse' and 'fine' have no features.
    """
    arrays: dict[str, list[torch.Tensor]] = {}
    for part in source.parts(name):
        with np.load(part.path, allow_pickle=False) as stored:
            for key in stored.files:
                arrays.setdefault(key, []).append(torch.from_numpy(stored[key]))
    whole = {key: torch.cat(values) for key, values in arrays.items()}
    return LatentSet(whole.pop("latents"), whole)


def scene_examples(recipe: Recipe, sample_rate: int, start: int) -> Iterator[Example]:
    """Scenes of SimSphere without end: what is heard, and the features of what is seen.

    Args:
        recipe: Which scenes.
        sample_rate: Samples per second.
        start: Number of the first.

    Yields:
        The field and the features of `BRANCHES`.
    """
    library = recipe.library()
    for number in itertools.count(start):
        scene = recipe.scene(number)
        seen = simulate_features(scene, FRAMES_PER_SECOND, tile_count=TILE_COUNT)
        field = render_sound(scene, library, sample_rate)
        yield Example(field, {name: seen[name] for name in BRANCHES})


def _examples(part: Part, sample_rate: int) -> Iterator[Example]:
    source = part.source
    if part.name in _SPLITS:
        yield from scene_examples(source.recipe(_SPLITS[part.name]), sample_rate, part.start)
        return
    draw = pseudo_field if part.name == COARSE else random_field
    library, seed = source.recipe("train").library(), _FIELD_SEED + part.start
    for field in endless(draw, library, source.size.seconds, sample_rate, seed):
        yield Example(field, {})


@lru_cache(maxsize=1)
def _autoencoder(model: str) -> Autoencoder:
    return load_model(model).model.vae
