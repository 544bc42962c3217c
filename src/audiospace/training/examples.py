"""Where the items of the flow stages come from: simulated scenes and fields, or shards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.models import SpatialAudioModel
from audiospace.simulate import DrawnSound, Scene, SoundLibrary
from audiospace.training.batches import BatchSource, InMemory
from audiospace.training.config import StageConfig
from audiospace.training.data import ShardSettings, open_shards, prepare_clips, read_shards
from audiospace.training.drawn_motion import drawn_motion, with_motion
from audiospace.training.feature_bank import FeatureBank
from audiospace.training.fields import endless, pseudo_field, random_field, sound_library
from audiospace.training.finetune import scenes_with_features
from audiospace.training.kept_bank import kept_bank
from audiospace.training.latents import Example, LatentSet, fingerprint, prepare
from audiospace.training.simulated_features import simulate_features
from audiospace.vision import EfficientNetLite0

GeneratorSplit = Literal["train", "validation"]
SEEDS: dict[GeneratorSplit, int] = {"train": 1_000_000, "validation": 2_000_000}
TYPICAL = 512
"""Items from which statistics of the features in shards are taken."""
SIMULATED_ENCODER = "efficientnet-lite0"
"""Identity of the frame encoder whose features are simulated."""
UNSEEN = 100_000
"""Number of the first scene whose views are for validation."""
_COIN = 71
_REVISION = 2  # raise it when the same configuration gives other items

OnStage = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""


@dataclass
class Examples:
    """Simulated items of one stage. Nothing is opened or rendered before the first is asked for.

    Attributes:
        settings: The stage's configuration.
        model: Whose autoencoder and features the items are for.
        on_progress: Called while the bank of rendered features is filled.
    """

    settings: StageConfig
    model: SpatialAudioModel
    on_progress: OnStage

    @cached_property
    def library(self) -> SoundLibrary:
        """What the sources of training scenes sound like."""
        return sound_library(self.settings.data.sounds)

    @cached_property
    def bank(self) -> FeatureBank:
        """What the frame encoder says of rendered views."""
        return self._bank(self.settings.data.bank_frames, 0)

    @cached_property
    def unseen_bank(self) -> FeatureBank:
        """The same of other views, for validation: a model can learn those of a bank by heart."""
        return self._bank(max(2, self.settings.data.bank_frames // 4), UNSEEN)

    def from_seed(self, seed: int, split: GeneratorSplit) -> Iterator[Example]:
        """Items without end.

        Args:
            seed: Of the first; item k depends on seed and k alone.
            split: Whose recordings are played.

        Yields:
            Fields, with features in the finetune stage.
        """
        data, rate = self.settings.data, self.model.config.vae.sample_rate
        library = self.library if split == "train" else sound_library(data.sounds, split)
        if self.settings.stage == "finetune":
            look = partial(self._look, split)
            if split == "validation":
                data = replace(data, remixes=1)
            yield from scenes_with_features(library, look, data, rate, seed)
            return
        draw = pseudo_field if self.settings.stage == "coarse" else random_field
        for field in endless(draw, library, data.seconds, rate, seed):
            yield Example(field, {})

    def _bank(self, frames: int, first: int) -> FeatureBank:
        done, tiles = counter(self.on_progress, "views", frames), self.model.config.features.tile_count
        return kept_bank(EfficientNetLite0(), self.library.kinds, frames, tiles, done, first=first)

    def _look(
        self, split: GeneratorSplit, scene: Scene, sounds: tuple[DrawnSound | None, ...], orientation: int
    ) -> dict[str, NDArray[np.float32]]:
        """Features of a scene in the branches that the model reads."""
        data, features = self.settings.data, self.model.config.features
        coin = np.random.default_rng((scene.seed, _COIN)).random()
        if data.features == "simulated" or (data.features == "mixed" and coin < data.simulated_share):
            found = simulate_features(
                scene, features.frames_per_second, seed=orientation, tile_count=features.tile_count
            )
        else:
            bank = self.bank if split == "train" else self.unseen_bank
            motion = drawn_motion(scene, sounds, features.frames_per_second, bank.tiling)
            found = with_motion(bank.features(scene, features.frames_per_second), motion, bank.tiling)
        return {name: found[name] for name in self.model.config.branches}


@dataclass(frozen=True)
class Items:
    """What a flow stage is trained on and judged by.

    Attributes:
        training: Where batches come from.
        typical: Training items from which the features' statistics are taken.
        held_out: Items for validation.
    """

    training: BatchSource
    typical: LatentSet
    held_out: LatentSet


def open_items(examples: Examples, directory: Path) -> Items:
    """Open the shards that a configuration names, and simulate where it names none.

    Args:
        examples: Simulated items, with the configuration and the model.
        directory: The run's folder, where simulated items are kept.

    Returns:
        The items.

    Raises:
        UserError: The shards do not fit the model, or features would have to be simulated for a frame encoder
            that is not there.
    """
    settings, model = examples.settings, examples.model
    data, branches = settings.data, model.config.branches if settings.stage == "finetune" else ()
    held_out = (
        read_shards(data.validation_shards, model, count=data.validation_items, branches=branches)
        if data.validation_shards
        else _simulated(examples, directory, "validation", data.validation_items)
    )
    shards = data.shards
    if data.clips:
        how = ShardSettings(
            video=settings.stage == "finetune",
            rotations=data.rotations,
            short="repeat" if settings.stage == "coarse" else "pad",
            seed=settings.run.seed,
        )
        made = prepare_clips(data.clips, directory / "clips", model, how, examples.on_progress)
        shards = (*shards, str(made.output))
    if not shards:
        typical = _simulated(examples, directory, "train", data.items * data.rotations)
        return Items(InMemory(typical, settings.run.seed), typical, held_out)
    typical = read_shards(shards, model, count=TYPICAL, branches=branches)
    stream = open_shards(shards, model, seed=settings.run.seed, branches=branches)
    return Items(stream, typical, held_out)


def _simulated(examples: Examples, directory: Path, split: GeneratorSplit, count: int) -> LatentSet:
    """Prepare simulated items, or take them from the folder's cache where it fits."""
    settings, config = examples.settings, examples.model.config
    if settings.stage == "finetune" and config.features.encoder != SIMULATED_ENCODER:
        raise UserError(
            f"video features of {config.features.encoder} cannot be simulated",
            remedy="Give data.shards and data.validation_shards, made by 'audiospace data shard'",
        )
    branches = sorted(config.branches)
    key = fingerprint(_REVISION, settings.data, settings.model, settings.init, settings.stage, branches)
    done = counter(examples.on_progress, f"{split} items", count)
    path = directory / f"{split}-{key}.npz"
    return prepare(path, examples.model.vae, examples.from_seed(SEEDS[split], split), count, done)


def counter(on_progress: OnStage, what: str, total: int) -> Callable[[int], None]:
    """Something to call with the number done.

    Args:
        on_progress: What hears of it.
        what: Is being done.
        total: How much of it there is.

    Returns:
        A function of the number done.
    """
    return lambda done: on_progress(what, done, total)
