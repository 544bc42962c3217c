"""One process of a training run on random latents: `one_of_two.py FOLDER RUN ...`, started by the tests."""

import os
import sys
from pathlib import Path

import torch
from toy_stage import ToyStage

from audiospace.model_store import load_config
from audiospace.models import SpatialAudioModel
from audiospace.training.batches import InMemory
from audiospace.training.config import FlowConfig, OptimiserConfig, RunConfig, StageConfig
from audiospace.training.engine import Trainer
from audiospace.training.finetune import FromVideo
from audiospace.training.flow_matching import FlowStage
from audiospace.training.latents import LatentSet
from audiospace.training.loggers import JsonLines
from audiospace.training.processes import Machines, launch

STEPS, HALF = 4, 2


def latent_set(items: int, seed: int) -> LatentSet:
    generator = torch.Generator().manual_seed(seed)
    features = {
        "sphere": torch.randn(items, 3, 4, 29, generator=generator),
        "fov": torch.randn(items, 3, 28, generator=generator),
    }
    return LatentSet(torch.randn(items, 8, 12, generator=generator), features)


def flow_stage(run: RunConfig) -> FlowStage:
    torch.manual_seed(1)
    model = SpatialAudioModel(load_config("tiny"))
    optimiser = OptimiserConfig(
        learning_rate=5e-3, schedule="inverse", inverse_gamma=4.0, warmup_steps=2, ema_decay=0.7
    )
    settings = StageConfig("finetune", "tiny", run, optimiser=optimiser)
    task = FromVideo(FlowConfig(condition_dropout=0.3))
    return FlowStage(model, task, InMemory(latent_set(9, 2), 0), latent_set(3, 4), settings)


def train(directory: Path, name: str) -> None:
    """Train and write; 'flow-fsdp-resumed' goes on from what another run has saved half-way."""
    kind, strategy, *more = name.split("-")
    steps = HALF if "half" in more else STEPS
    run = RunConfig(
        steps=steps,
        batch_size=4,
        accumulate=2,
        validate_every=2,
        checkpoint_every=HALF,
        show=1,
        checkpoint_activations=strategy == "fsdp",
    )
    stage = ToyStage() if kind == "toy" else flow_stage(run)
    fabric = launch(Machines(strategy=strategy, accelerator="cpu"), "float32")
    trainer = Trainer(stage, run, directory / name, fabric)
    trainer.resume()
    trainer.fit([JsonLines(directory / name, trainer.step)] if fabric.is_global_zero else ())
    if fabric.is_global_zero:
        stage.write(directory / name / "model.safetensors")
    fabric.barrier()


if __name__ == "__main__":
    torch.set_num_threads(1)
    for wanted in sys.argv[2:]:
        train(Path(sys.argv[1]), wanted)
    if os.environ.get("WORLD_SIZE", "1") != "1":
        torch.distributed.destroy_process_group()
