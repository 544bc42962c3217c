"""From a stage's configuration to a trained model file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import torch

from audiospace.errors import UserError
from audiospace.model_store import presets_folder
from audiospace.models import SpatialAudioModel
from audiospace.simulate import KINDS
from audiospace.training.checkpoint import FILE_NAME
from audiospace.training.coarse import Unconditional
from audiospace.training.config import StageConfig, read_stage_config
from audiospace.training.engine import Progress, Trainer, TrainingReport
from audiospace.training.examples import Examples, OnStage, counter, open_items
from audiospace.training.fine import MaskedSpan, with_span
from audiospace.training.finetune import FromVideo, share_directions, standardise_conditions
from audiospace.training.flow_matching import FlowStage, Task
from audiospace.training.latent_rotation import turning
from audiospace.training.loggers import JsonLines, Logger, TensorBoard, WeightsAndBiases
from audiospace.training.processes import Machines, first_then_others, launch
from audiospace.training.sound_classifier import JudgeStage
from audiospace.training.stage import Stage
from audiospace.training.vae import VAEStage, initial_model
from audiospace.training.video_branches import with_branches

MODEL_NAME = "model.safetensors"
WANDB_PROJECT = "audiospace"

LogTarget = Literal["tensorboard", "wandb"]


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
    machines: Machines | None = None,
    log_to: Sequence[LogTarget] = (),
    on_progress: OnStage | None = None,
) -> StageResult:
    """Train one stage and write `model.safetensors`, `log.jsonl` and a checkpoint into its folder.

    Args:
        stage: The stage that the configuration is expected to describe.
        config: The stage's YAML file, or the name of a preset: 'mini-vae', or 'mini' for that of the stage.
        output: The run's folder; without one `runs/PRESET/STAGE`, or `runs/MODEL/STAGE` for a file.
        resume: Go on from the folder's checkpoint.
        sounds: Folders of recordings, beside those that the configuration names.
        machines: What to train on; one process if None. Other processes go through the same call.
        log_to: Where figures, sounds and pictures go beside the log file.
        on_progress: Called in the first process with what is being done, how much of it is done and how much
            there is.

    Returns:
        The model file and the report.

    Raises:
        UserError: The configuration is wrong, the folder holds another run, or a file cannot be read.
        Stopped: SIGTERM or Ctrl-C came; a checkpoint was saved.
    """
    settings = _settings(stage, config, sounds)
    directory = output or _folder(config, settings)
    if (directory / FILE_NAME).exists() and not resume:
        raise UserError(
            "already holds a run", file=directory, remedy="Add --resume to go on, or give another --output"
        )
    fabric = launch(machines or Machines(), settings.run.precision)
    told = on_progress if on_progress is not None and fabric.is_global_zero else _tell_nobody
    work = first_then_others(fabric, lambda: _build(settings, directory, told))
    trainer = Trainer(work, settings.run, directory, fabric)
    if resume:
        trainer.resume()
    loggers = _loggers(settings, directory, trainer.step, log_to) if fabric.is_global_zero else ()

    def step_done(progress: Progress) -> None:
        told(stage, progress.step, progress.steps)

    try:
        report = trainer.fit(loggers, step_done)
    finally:
        for logger in loggers:
            logger.close()
    path = directory / MODEL_NAME
    if fabric.is_global_zero:
        work.write(path)
    fabric.barrier()
    return StageResult(path, report)


def _tell_nobody(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody wants to hear of."""


def _settings(stage: str, config: Path, sounds: tuple[Path, ...]) -> StageConfig:
    """The configuration with the folders of recordings that were given beside it."""
    config = _preset(config, stage)
    settings = read_stage_config(config)
    if settings.stage != stage:
        raise UserError(
            f"this is a configuration of stage '{settings.stage}', not '{stage}'",
            file=config,
            remedy=f"Run: audiospace train {settings.stage} --config {config}",
        )
    return replace(settings, data=replace(settings.data, sounds=(*settings.data.sounds, *map(str, sounds))))


def _preset(config: Path, stage: str) -> Path:
    """The file that is meant: itself if it is there, else a preset of that name."""
    if config.is_file():
        return config
    presets = presets_folder() / "train"
    for name in (f"{config}.yaml", f"{config}-{stage}.yaml"):
        if (presets / name).is_file():
            return presets / name
    known = sorted(preset.stem.removesuffix(f"-{stage}") for preset in presets.glob(f"*-{stage}.yaml"))
    raise UserError(
        f"is neither a file nor a preset of stage '{stage}'",
        file=config,
        remedy=f"Give the path of a stage's YAML file, or one of {', '.join(known)}",
    )


def _folder(config: Path, settings: StageConfig) -> Path:
    """Where a run goes that was not told: presets of one model keep out of each other's way."""
    preset = config.name.removesuffix(f"-{settings.stage}")
    return Path("runs") / (Path(settings.model).stem if config.is_file() else preset) / settings.stage


def _loggers(
    settings: StageConfig, directory: Path, step: int, log_to: Sequence[LogTarget]
) -> tuple[Logger, ...]:
    loggers: list[Logger] = [JsonLines(directory, step)]
    if "tensorboard" in log_to:
        loggers.append(TensorBoard(directory, step))
    if "wandb" in log_to:
        loggers.append(WeightsAndBiases(directory, WANDB_PROJECT, asdict(settings)))
    return tuple(loggers)


def _build(settings: StageConfig, directory: Path, on_progress: OnStage) -> Stage:
    """The stage with its data, and the same random weights in every process."""
    torch.manual_seed(settings.run.seed)
    if settings.stage == "judge":
        return JudgeStage.build(settings, counter(on_progress, "sounds", settings.data.items * len(KINDS)))
    model = initial_model(settings)
    if settings.stage == "vae":
        return VAEStage.build(model, settings)
    if settings.stage == "fine":
        model = with_span(model)
    if settings.stage == "finetune":
        model = with_branches(model, settings.branches)
    return _flow_stage(settings, model, directory, on_progress)


def _flow_stage(
    settings: StageConfig, model: SpatialAudioModel, directory: Path, on_progress: OnStage
) -> FlowStage:
    """One of the three stages that train the velocity network."""
    model.vae.requires_grad_(requires_grad=False).eval()
    items = open_items(Examples(settings, model, on_progress), directory)
    if settings.stage == "finetune":
        standardise_conditions(model, items.typical)
        share_directions(model, torch.Generator().manual_seed(settings.run.seed))
    turn = turning(settings.stage, model.config)
    return FlowStage(model, _task(settings), items.training, items.held_out, settings, turn)


def _task(settings: StageConfig) -> Task:
    if settings.stage == "coarse":
        return Unconditional()
    return MaskedSpan(settings.flow) if settings.stage == "fine" else FromVideo(settings.flow)
