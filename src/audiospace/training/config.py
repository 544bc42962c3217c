"""What a training run is made of, as frozen dataclasses read from one YAML file per stage."""

from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import yaml

from audiospace.errors import UserError
from audiospace.training.losses.config import VAELossConfig

StageName = Literal["vae", "coarse", "fine", "finetune", "judge"]
Precision = Literal["float32", "bfloat16"]
Schedule = Literal["cosine", "inverse", "constant"]
FeatureSource = Literal["rendered", "simulated", "mixed"]
Panorama = Literal["model", "sphere", "erp", "eac", "none"]
STAGES: tuple[StageName, ...] = ("vae", "coarse", "fine", "finetune")
"""The generator's, in order."""

Config = TypeVar("Config")


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW (Loshchilov and Hutter 2019), its learning-rate schedule and the average of the weights.

    Attributes:
        learning_rate: Peak learning rate.
        betas: Decay rates of the two moment estimates.
        weight_decay: Decoupled weight decay, on matrices only.
        schedule: 'cosine' decays to a tenth of the peak at the end of the run, 'inverse' as a power of the
            step, 'constant' not at all; see `schedule.rate_factor`.
        warmup_steps: Steps over which the rate rises: linearly with 'cosine' and 'constant', exponentially
            with this time constant with 'inverse'.
        inverse_gamma: Steps after which the 'inverse' schedule begins to decay.
        inverse_power: Power of that decay.
        clip_norm: Largest gradient norm; larger gradients are scaled down to it. 0 clips nothing.
        ema_decay: Decay of the exponential moving average that is validated and saved; 0 keeps none.
    """

    learning_rate: float = 5e-4
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.01
    schedule: Schedule = "cosine"
    warmup_steps: int = 50
    inverse_gamma: float = 1e6
    inverse_power: float = 0.5
    clip_norm: float = 1.0
    ema_decay: float = 0.99


@dataclass(frozen=True)
class RunConfig:
    """How long a stage runs, how its batches are computed and how often it reports.

    Attributes:
        steps: Optimiser steps.
        batch_size: Items in a step, over all processes.
        accumulate: Parts that a process computes its share of the batch in, one after the other.
        seed: Seed of the data order and of every random draw.
        validate_every: Steps between validations.
        checkpoint_every: Steps between checkpoints.
        log_every: Steps between rows of the log.
        show: Sounds that each validation makes for the loggers, with their energy maps.
        minutes: Wall-clock limit of the stage in minutes, or 0 for none. The schedule then follows the
            clock, so that a slow machine still decays its learning rate; such a run is not repeatable.
        precision: 'float32', or 'bfloat16' for matrix products in bfloat16 with float32 weights (autocast);
            a processor without instructions for it computes in float32.
        checkpoint_activations: Whether the inner results of repeated blocks are computed again in the
            backward pass instead of being kept: about a third more arithmetic, far less memory.
    """

    steps: int
    batch_size: int = 8
    accumulate: int = 1
    seed: int = 0
    validate_every: int = 250
    checkpoint_every: int = 250
    log_every: int = 1
    show: int = 0
    minutes: float = 0.0
    precision: Precision = "float32"
    checkpoint_activations: bool = False


@dataclass(frozen=True)
class DataConfig:
    """The sounds and scenes a stage sees.

    Attributes:
        seconds: Length of a training item in seconds.
        items: Scenes to prepare for training (latent stages; the VAE draws new ones without end); sounds of
            each kind for the judge.
        rotations: Rotated versions of each prepared scene.
        remixes: Versions of each scene of several sources, at other levels and with another of them silent
            at times (finetune only). Each is an item.
        stretch: Seconds of the random stretch that a step cuts out of each item, 0 for all (flow stages).
            Stationary sounds say little new after a second or two.
        sources: Smallest and largest number of sounding sources in a scene (finetune only).
        alone: Share of scenes that have a single source whatever `sources` says, 0..1 (finetune only). They
            teach best what a kind sounds like.
        validation_items: Scenes held out for validation; sounds of each kind for the judge.
        bank_frames: Rendered frames from which tile features are learnt (finetune only); validation has a
            quarter as many of its own.
        rooms: Share of scenes that play in a reverberant room, 0..1.
        pool_draws: Sounds of each kind that the autoencoder's random fields are cut from.
        sounds: Folders of recordings that join the procedural sounds.
        recordings: Folders of recorded sound fields, or of mono and stereo sounds, that the autoencoder also
            learns from (vae only).
        recorded_share: Share of the autoencoder's items that are cut from those, where there are any, 0..1.
        features: What stands for the features of a simulated scene's video (finetune only): 'rendered' looks
            seen by the frame encoder, 'simulated' without pictures, or 'mixed', one or the other by scene.
        simulated_share: Share of scenes with simulated features where they are mixed, 0..1.
        shards: Shards of precomputed latents (paths, patterns or folders); where given, nothing is simulated
            for training and `items` is ignored.
        clips: Folders of clips that are made into shards first, in the run's folder.
        validation_shards: Shards that `validation_items` are read from instead of being simulated.
    """

    seconds: float = 10.0
    items: int = 64
    rotations: int = 1
    remixes: int = 1
    stretch: float = 0.0
    sources: tuple[int, int] = (1, 3)
    alone: float = 0.0
    validation_items: int = 16
    bank_frames: int = 64
    rooms: float = 0.0
    pool_draws: int = 16
    sounds: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    recorded_share: float = 0.8
    features: FeatureSource = "rendered"
    simulated_share: float = 0.6
    shards: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()
    validation_shards: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlowConfig:
    """How the flow-matching stages draw times and hide conditions.

    Attributes:
        condition_dropout: Probability that an item's additive condition is replaced by zeros
            (classifier-free guidance; Ho and Salimans 2022).
        span_minimum: Least share of the latent that a masked span covers (fine stage).
        context_dropout: Probability that the known context around the span is hidden as well.
        time_shift: Location of the logit-normal density of flow times (Esser et al. 2024).
        time_spread: Scale of that density.
    """

    condition_dropout: float = 0.1
    span_minimum: float = 0.7
    context_dropout: float = 0.1
    time_shift: float = 0.0
    time_spread: float = 1.0


@dataclass(frozen=True)
class BranchConfig:
    """Which of the video's branches the network reads in the finetune stage: the ablations of the paper.

    Attributes:
        panorama: 'model' as the model is configured; 'sphere' the spherical moments, 'erp' the whole
            equirectangular frame, 'eac' the equi-angular cubemap, 'none' no panoramic branch.
        field_of_view: Whether the perspective view of the front is read.
    """

    panorama: Panorama = "model"
    field_of_view: bool = True


@dataclass(frozen=True)
class StageConfig:
    """One training stage.

    Attributes:
        stage: One of the generator's four stages, or 'judge' for the recogniser of sounds.
        model: A model preset's name or the path of a model YAML; for the judge only a name for its folder.
        init: Model file to start from (an earlier stage's result), or none to start from random weights.
        run: Length, batch and reports.
        optimiser: Optimiser settings.
        discriminator: Optimiser settings of the discriminator (vae only).
        data: Sounds and scenes.
        flow: Flow-matching settings (ignored by the VAE stage).
        losses: The autoencoder's losses (vae only).
        branches: The video's branches (finetune only).
        freeze_encoder: Train the decoder alone, so that latents stay what they are (vae only).
    """

    stage: StageName
    model: str
    run: RunConfig
    init: str | None = None
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    discriminator: OptimiserConfig = field(default_factory=OptimiserConfig)
    data: DataConfig = field(default_factory=DataConfig)
    flow: FlowConfig = field(default_factory=FlowConfig)
    losses: VAELossConfig = field(default_factory=VAELossConfig)
    branches: BranchConfig = field(default_factory=BranchConfig)
    freeze_encoder: bool = False


def read_stage_config(path: Path) -> StageConfig:
    """Read a stage's YAML strictly: an unknown or missing key is an error that names it.

    Args:
        path: The YAML file.

    Returns:
        The stage's configuration.

    Raises:
        UserError: The file cannot be read, is not YAML, or a key is unknown, missing or of a wrong type.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"cannot be read ({error.strerror})", file=path, remedy="Give the path of a stage's YAML file"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError("is not valid YAML", file=path, remedy="Compare it with the presets") from error
    return _build(StageConfig, raw, path, "")


def _build(kind: type[Config], raw: object, path: Path, where: str) -> Config:
    """Build the dataclass `kind` from a mapping, recursing into nested dataclasses."""
    if not isinstance(raw, dict):
        raise UserError(f"{where or 'the file'} must be a mapping of keys to values", file=path)
    hints = get_type_hints(kind)
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    for key in raw:
        if key not in known:
            raise UserError(
                f"unknown key '{where}{key}'", file=path, remedy=f"Known keys: {', '.join(sorted(known))}"
            )
    values: dict[str, Any] = {}
    for key, value in raw.items():
        values[key] = _convert(hints[key], value, path, f"{where}{key}")
    try:
        return kind(**values)
    except TypeError as error:
        raise UserError(f"{where or 'the file'} lacks a required key ({error})", file=path) from error


def _convert(hint: Any, value: object, path: Path, where: str) -> object:  # noqa: ANN401
    """Check one value against its type, turning YAML lists into tuples."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value, path, f"{where}.")
    if isinstance(value, list):
        return tuple(value)
    if get_origin(hint) is Literal and value not in get_args(hint):
        raise UserError(
            f"'{where}' cannot be {value!r}", file=path, remedy=f"Use one of {', '.join(get_args(hint))}"
        )
    if hint is float and not isinstance(value, bool):
        value = _number(value)
    if hint in (int, float, str, bool) and (
        not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool)
    ):
        raise UserError(f"'{where}' must be of type {hint.__name__}, not {value!r}", file=path)
    return value


def _number(value: object) -> object:
    """A float where one is meant: YAML takes 1e6 and 1.0e6, without a sign, for words."""
    if not isinstance(value, int | str):
        return value
    try:
        return float(value)
    except ValueError:
        return value
