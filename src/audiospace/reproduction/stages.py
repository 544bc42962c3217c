"""The stages that a row goes through, trained by the common engine; what is there is not done again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lightning_fabric import Fabric
from safetensors.torch import load_file, save_file
from torch import Tensor

from audiospace.media import writing
from audiospace.models import Autoencoder, SpatialAudioModel
from audiospace.reproduction.config import COARSE, Size, Variant
from audiospace.reproduction.data import SCENES, OnProgress
from audiospace.reproduction.networks import build_network
from audiospace.training.batches import InMemory
from audiospace.training.checkpoint import FILE_NAME
from audiospace.training.coarse import Unconditional
from audiospace.training.config import FlowConfig, OptimiserConfig, RunConfig, StageConfig, StageName
from audiospace.training.engine import Trainer
from audiospace.training.fine import MaskedSpan
from audiospace.training.finetune import FromVideo
from audiospace.training.flow_matching import FlowStage, Task
from audiospace.training.latents import LatentSet

FINETUNE: StageName = "finetune"
WEIGHTS = "weights.safetensors"
CHECKPOINTS = 50
"""Steps between checkpoints."""


@dataclass(frozen=True)
class Workshop:
    """What all rows are trained with.

    Attributes:
        size: How much.
        vae: The shared autoencoder.
        items: Prepared items by name ('coarse', 'fine', 'scenes', 'validation').
        folder: Where weights go.
        fabric: What it is computed on.
        on_progress: Called with the stage, its steps done and their number.
    """

    size: Size
    vae: Autoencoder
    items: Callable[[str], LatentSet]
    folder: Path
    fabric: Fabric
    on_progress: OnProgress


def trained(shop: Workshop, variant: Variant, seed: int) -> SpatialAudioModel:
    """Take a row through its stages, or read what is left of an earlier run.

    Args:
        shop: What it is trained with.
        variant: The row.
        seed: Of weights and batches; every row draws the same scenes in the same order from it.

    Returns:
        The trained model, on the CPU, in evaluation mode.

    Raises:
        UserError: A checkpoint does not fit.
        Stopped: SIGTERM or Ctrl-C came; a checkpoint was saved.
    """
    weights: Mapping[str, Tensor] = {}
    for number, stage in enumerate(variant.pretraining):
        before = "+".join(variant.pretraining[: number + 1])
        folder = shop.folder / f"seed-{seed}" / f"{variant.network}_{before}"
        model = _network(shop, variant, seed, weights, with_video=False)
        weights = _stage(shop, model, stage, folder, shop.size.steps(stage), seed)
    model = _network(shop, variant, seed, weights, with_video=True)
    steps = variant.finetune_steps(shop.size)
    _stage(shop, model, FINETUNE, shop.folder / f"seed-{seed}" / variant.name, steps, seed)
    return model.eval()


def _network(
    shop: Workshop, variant: Variant, seed: int, weights: Mapping[str, Tensor], *, with_video: bool
) -> SpatialAudioModel:
    """The variant's network, with the velocity network of the stage before where there was one."""
    model = build_network(variant, shop.size, shop.vae, shop.items(SCENES), seed, with_video=with_video)
    if weights:
        model.transformer.load_state_dict(dict(weights))
    return model


def _stage(
    shop: Workshop, model: SpatialAudioModel, stage: str, folder: Path, steps: int, seed: int
) -> dict[str, Tensor]:
    """Train one stage, unless its weights are there; the model then holds them."""
    path = folder / WEIGHTS
    if not path.exists():
        _train(shop, model, stage, folder, steps, seed)
        parts = {f"transformer.{name}": value for name, value in model.transformer.state_dict().items()}
        parts |= {f"embedder.{name}": value for name, value in model.embedder.state_dict().items()}
        with writing(path) as temporary:
            save_file({name: value.contiguous() for name, value in parts.items()}, temporary)
        (folder / FILE_NAME).unlink(missing_ok=True)
    stored = load_file(path)
    transformer = _under("transformer.", stored)
    model.transformer.load_state_dict(transformer)
    model.embedder.load_state_dict(_under("embedder.", stored))
    return transformer


def _train(shop: Workshop, model: SpatialAudioModel, stage: str, folder: Path, steps: int, seed: int) -> None:
    settings = _settings(shop.size, stage, steps, seed)
    items = shop.items(SCENES if stage == FINETUNE else stage)
    held_out = shop.items("validation") if stage == FINETUNE else _last(items)
    flow = FlowStage(model, _task(stage), InMemory(items, seed), held_out, settings)
    trainer = Trainer(flow, settings.run, folder, shop.fabric)
    trainer.resume()
    trainer.fit(on_progress=lambda progress: shop.on_progress(stage, progress.step, steps))


def _settings(size: Size, stage: str, steps: int, seed: int) -> StageConfig:
    """The engine's settings; validations only before and after."""
    run = RunConfig(
        steps=steps,
        batch_size=size.batch_size,
        seed=seed,
        validate_every=steps + 1,
        checkpoint_every=CHECKPOINTS,
        precision="bfloat16" if size.precision == "bfloat16" else "float32",
    )
    name: StageName = FINETUNE if stage == FINETUNE else "coarse" if stage == COARSE else "fine"
    decay = 1 - 1 / max(2.0, steps / 10)
    optimiser = OptimiserConfig(
        learning_rate=size.learning_rate, warmup_steps=max(1, steps // 20), ema_decay=decay
    )
    return StageConfig(stage=name, model="reproduction", run=run, optimiser=optimiser)


def _task(stage: str) -> Task:
    if stage == COARSE:
        return Unconditional()
    return FromVideo(FlowConfig()) if stage == FINETUNE else MaskedSpan(FlowConfig())


def _last(items: LatentSet) -> LatentSet:
    """A few items to watch pre-training by; they are trained on, too, and no figure of a table is theirs."""
    count = min(8, len(items))
    return LatentSet(items.latents[-count:], {})


def _under(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}
