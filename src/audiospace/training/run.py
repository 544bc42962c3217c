"""From a stage's configuration to a trained model file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from audiospace.errors import UserError
from audiospace.model_store import load_config, load_model, save_model
from audiospace.models import SpatialAudioModel
from audiospace.simulate import KINDS, SoundLibrary
from audiospace.training.checkpoint import FILE_NAME
from audiospace.training.coarse import Unconditional
from audiospace.training.config import StageConfig, read_stage_config
from audiospace.training.engine import Progress, Stage, Trainer, TrainingReport
from audiospace.training.feature_bank import FeatureBank
from audiospace.training.fields import SoundPool, endless, pseudo_field, random_field, sound_library
from audiospace.training.fine import MaskedSpan
from audiospace.training.finetune import (
    FromVideo,
    scenes_with_features,
    share_directions,
    standardise_conditions,
)
from audiospace.training.flow_matching import FlowStage, Task
from audiospace.training.latents import Example, LatentSet, fingerprint, prepare
from audiospace.training.sound_classifier import JudgeStage
from audiospace.training.vae import VAEStage
from audiospace.vision import EfficientNetLite0

MODEL_NAME = "model.safetensors"
TRAINING_SEED, VALIDATION_SEED = 1_000_000, 2_000_000
SCALE_FIELDS = 48
SCALE_FLOOR = 0.05

OnStage = Callable[[str, int, int], None]


@dataclass(frozen=True)
class StageResult:
    """What a stage left behind.

    Attributes:
        model: The trained model's file.
        report: What training did.
    """

    model: Path
    report: TrainingReport


def train_stage(
    stage: str,
    config: Path,
    *,
    output: Path | None = None,
    resume: bool = False,
    sounds: tuple[Path, ...] = (),
    on_progress: OnStage | None = None,
) -> StageResult:
    """Train one stage and write `model.safetensors`, `log.jsonl` and a checkpoint into its folder.

    Args:
        stage: The stage that the configuration is expected to describe.
        config: The stage's YAML file.
        output: The run's folder; `runs/MODEL/STAGE` without one.
        resume: Go on from the folder's checkpoint.
        sounds: Folders of recordings, beside those that the configuration names.
        on_progress: Called with what is being done, how much of it is done and how much there is.

    Returns:
        The model file and the report.

    Raises:
        UserError: The configuration is wrong, the folder holds another run, or a file cannot be read.
    """
    settings = read_stage_config(config)
    if settings.stage != stage:
        raise UserError(
            f"this is a configuration of stage '{settings.stage}', not '{stage}'",
            file=config,
            remedy=f"Run: audiospace train {settings.stage} --config {config}",
        )
    data = replace(settings.data, sounds=(*settings.data.sounds, *map(str, sounds)))
    settings = replace(settings, data=data)
    directory = output or Path("runs") / settings.model / stage
    if (directory / FILE_NAME).exists() and not resume:
        raise UserError(
            "already holds a run", file=directory, remedy="Add --resume to go on, or give another --output"
        )
    torch.manual_seed(settings.run.seed)
    prepare_stage = _judge if stage == "judge" else _model
    work, write = prepare_stage(settings, directory, on_progress or (lambda *_: None))
    trainer = Trainer(work, settings.run, settings.optimiser, directory)
    if resume:
        trainer.resume()

    def step_done(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(stage, progress.step, progress.steps)

    report = trainer.fit(step_done)
    path = directory / MODEL_NAME
    write(path)
    return StageResult(path, report)


def _judge(settings: StageConfig, _: Path, on_progress: OnStage) -> tuple[Stage, Callable[[Path], None]]:
    """The stage of the recogniser of sounds, and what writes it."""
    done = _counter(on_progress, "sounds", settings.data.items * len(KINDS))
    work = JudgeStage.build(settings.data, settings.run.seed, done)
    return work, work.write


def _model(
    settings: StageConfig, directory: Path, on_progress: OnStage
) -> tuple[Stage, Callable[[Path], None]]:
    """One of the four stages of the generator, and what writes it."""
    model = _initial_model(settings)

    def write(path: Path) -> None:
        if settings.stage == "vae":
            _measure_latents(model, settings)
        save_model(model, path)

    return _build(settings, model, directory, on_progress), write


def _initial_model(settings: StageConfig) -> SpatialAudioModel:
    if settings.init is None:
        return SpatialAudioModel(load_config(settings.model))
    return load_model(settings.init, fold=False).model.train()


def _build(settings: StageConfig, model: SpatialAudioModel, directory: Path, on_progress: OnStage) -> Stage:
    """The stage with its data."""
    if settings.stage == "vae":
        return VAEStage.build(model.vae, settings.data, settings.run.seed)
    model.vae.requires_grad_(requires_grad=False).eval()
    training, validation = _datasets(settings, model, directory, on_progress)
    if settings.stage == "finetune":
        standardise_conditions(model, training)
        share_directions(model, torch.Generator().manual_seed(settings.run.seed))
    return FlowStage(model, _task(settings), training, validation, settings.flow)


def _task(settings: StageConfig) -> Task:
    if settings.stage == "coarse":
        return Unconditional()
    return MaskedSpan(settings.flow) if settings.stage == "fine" else FromVideo(settings.flow)


@dataclass
class _Examples:
    """Where a flow stage's items come from. Nothing is opened or rendered before the first is asked for."""

    settings: StageConfig
    model: SpatialAudioModel
    on_progress: OnStage

    @cached_property
    def library(self) -> SoundLibrary:
        return sound_library(self.settings.data.sounds)

    @cached_property
    def bank(self) -> FeatureBank:
        frames, tiles = self.settings.data.bank_frames, self.model.config.features.tile_count
        done = _counter(self.on_progress, "views", frames)
        return FeatureBank.build(EfficientNetLite0(), self.library.kinds, frames, tiles, done)

    def from_seed(self, seed: int) -> Iterator[Example]:
        data, rate = self.settings.data, self.model.config.vae.sample_rate
        if self.settings.stage == "finetune":
            per_second = self.model.config.features.frames_per_second
            yield from scenes_with_features(self.library, self.bank, data, rate, per_second, seed)
            return
        draw = pseudo_field if self.settings.stage == "coarse" else random_field
        for field in endless(draw, self.library, data.seconds, rate, seed):
            yield Example(field, {})


def _datasets(
    settings: StageConfig, model: SpatialAudioModel, directory: Path, on_progress: OnStage
) -> tuple[LatentSet, LatentSet]:
    """Prepared training and validation items, from the folder's cache where it fits."""
    data = settings.data
    key = fingerprint(data, settings.model, settings.init, settings.stage)
    examples = _Examples(settings, model, on_progress)
    sets = []
    for name, count, seed in (
        ("training", data.items * data.rotations, TRAINING_SEED),
        ("validation", data.validation_items, VALIDATION_SEED),
    ):
        done = _counter(on_progress, f"{name} items", count)
        path = directory / f"{name}-{key}.npz"
        sets.append(prepare(path, model.vae, examples.from_seed(seed), count, done))
    return sets[0], sets[1]


def _counter(on_progress: OnStage, what: str, total: int) -> Callable[[int], None]:
    return lambda done: on_progress(what, done, total)


@torch.no_grad()
def _measure_latents(model: SpatialAudioModel, settings: StageConfig) -> None:
    """Set the scale of the latents that the flow will work in, per channel."""
    rng = np.random.default_rng((settings.run.seed, 1))
    rate = model.config.vae.sample_rate
    draws = max(1, settings.data.pool_draws // 4)
    pool = SoundPool.fill(sound_library(settings.data.sounds), rate, settings.run.seed + 1, draws)
    fields = np.stack([random_field(pool, 4.0, rate, rng) for _ in range(SCALE_FIELDS)])
    means = torch.cat([model.vae.encode(torch.from_numpy(field)[None]).mean for field in fields])
    rows = means.transpose(0, 1).flatten(1)
    model.latent_mean.copy_(rows.mean(dim=1, keepdim=True))
    model.latent_scale.copy_(rows.std(dim=1, keepdim=True).clamp_min(SCALE_FLOOR))
