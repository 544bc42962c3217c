"""How fast a stage trains on this machine, where its time goes, and what a second process brings.

A stage runs for some steps on random latents (or, for the autoencoder, on procedural fields made as training
goes on) through the same engine as `audiospace train`. Reported are steps per second (of the median step);
the arithmetic of a step (matrix products and convolutions, counted by torch) against what a large matrix
product sustains in the same precision; the share of the time spent waiting for batches; and the memory of a
process at its peak. Then the same global batch is shared by several processes (ddp), which compute on the
same number of threads each; what matrix products alone gain by that is what can be hoped for. Figures of a
machine that does other things at the same time mean nothing.

Run: python benchmarks/training.py [--stage STAGE] [--model NAME] [--processes 1,2] [--steps N] [--json FILE]
"""

import argparse
import dataclasses
import itertools
import json
import math
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from audiospace.model_store import load_config, presets_folder
from audiospace.models import ConditionerConfig, ModelConfig, SpatialAudioModel
from audiospace.training.batches import InMemory, Place
from audiospace.training.coarse import Unconditional
from audiospace.training.config import RunConfig, StageConfig, StageName, read_stage_config
from audiospace.training.engine import Trainer
from audiospace.training.fine import MaskedSpan, with_span
from audiospace.training.finetune import FromVideo
from audiospace.training.flow_matching import FlowStage, Task
from audiospace.training.latents import LatentSet
from audiospace.training.processes import Machines, launch
from audiospace.training.stage import ShownSound, Stage
from audiospace.training.vae import VAEStage

ITEMS = 64
WARM_UP = 2
CEILING_SECONDS = 4.0
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
Row = dict[str, float]


class Unsaved(Trainer):
    """Leaves no checkpoint at the end: that of the published size is 18 GB."""

    def save(self) -> None:
        """Nothing is kept."""


class Times:
    """A logger that keeps when each step was done, and how long it had waited."""

    def __init__(self) -> None:
        self.done: list[float] = []
        self.waited: list[float] = []

    def figures(self, _step: int, group: str, figures: Mapping[str, float]) -> None:
        if group == "training":
            self.done.append(time.perf_counter())
            self.waited.append(figures["waiting"])

    def sounds(self, _step: int, sounds: Sequence[ShownSound]) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is open."""


def _shape(item: ConditionerConfig) -> tuple[int, ...]:
    """Of a branch's features at one time: four moments of each category, or a row."""
    return (4, item.input_dim // 4) if item.role == "spherical" else (item.input_dim,)


def random_items(config: ModelConfig) -> LatentSet:
    """Latents and features of the sizes that the model reads."""
    generator = torch.Generator().manual_seed(0)
    steps = round(config.window_seconds * config.features.frames_per_second)
    features = {
        item.branch: torch.randn(ITEMS, steps, *_shape(item), generator=generator)
        for item in config.conditioners
    }
    latents = torch.randn(ITEMS, config.vae.latent_dim, config.window_frames, generator=generator)
    return LatentSet(latents, features)


def stage_of(settings: StageConfig) -> Stage:
    """The stage with random weights and data."""
    torch.manual_seed(0)
    model = SpatialAudioModel(load_config(settings.model))
    if settings.stage == "vae":
        return VAEStage.build(model, settings)
    tasks: dict[str, Task] = {
        "coarse": Unconditional(),
        "fine": MaskedSpan(settings.flow),
        "finetune": FromVideo(settings.flow),
    }
    model = with_span(model) if settings.stage == "fine" else model
    items = random_items(model.config)
    return FlowStage(model, tasks[settings.stage], InMemory(items, 0), items.batch(torch.arange(1)), settings)


def arithmetic(stage: Stage, place: Place) -> float:
    """Operations of the matrix products and convolutions of one process's step, forwards and backwards."""
    batch, total = dict(stage.batch(0, place)), 0.0
    for player in stage.players:
        with FlopCounterMode(display=False) as counter:
            results = player.objective(batch)
            results["total"].backward()
        player.objective.zero_grad(set_to_none=True)
        batch |= {name: value.detach() for name, value in results.items() if value.ndim}
        total += counter.get_total_flops()
    return total


def ceiling(precision: str, device: torch.device, size: int) -> float:
    """Operations per second of a large square matrix product, while the other processes do the same."""
    a = torch.randn(size, size, device=device, dtype=DTYPES[precision])
    seconds: list[float] = []
    begun = time.perf_counter()
    while time.perf_counter() - begun < CEILING_SECONDS:
        started = time.perf_counter()
        a @ a
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return 2 * size**3 / statistics.median(seconds)


def measure(settings: StageConfig, accelerator: str) -> Row:
    """Train some steps in this process, and say how it went for all of them."""
    fabric = launch(Machines(accelerator=accelerator), settings.run.precision)
    size = 8192 if fabric.device.type == "cuda" else 2048
    fabric.barrier()
    fastest = ceiling(settings.run.precision, fabric.device, size)
    stage, times = stage_of(settings), Times()
    operations = arithmetic(stage, Place(fabric.global_rank, fabric.world_size, settings.run.batch_size))
    with tempfile.TemporaryDirectory() as folder:
        trainer = Unsaved(stage, settings.run, Path(folder), fabric)
        trainer.fit([times])
    taken = [after - before for before, after in itertools.pairwise(times.done[WARM_UP - 1 :])]
    seconds = statistics.median(taken) if taken else math.nan
    memory = (
        torch.cuda.max_memory_allocated() / 2**20
        if fabric.device.type == "cuda"
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    )
    rate = 1 / seconds
    return {
        "processes": fabric.world_size,
        "steps_per_second": rate,
        "items_per_second": rate * settings.run.batch_size,
        "operations_per_step": operations * fabric.world_size,
        "share_of_ceiling": operations * rate / fastest,
        "ceiling_gigaflops": fastest / 1e9,
        "waiting_share": sum(times.waited[WARM_UP:]) / sum(taken) if taken else math.nan,
        "peak_mebibytes": memory,
    }


def settings_of(options: argparse.Namespace) -> StageConfig:
    """The preset's configuration, never validated or saved while it is measured."""
    run = RunConfig(
        steps=options.steps + WARM_UP,
        batch_size=options.batch,
        accumulate=options.accumulate,
        validate_every=10**9,
        checkpoint_every=10**9,
        precision=options.precision,
        checkpoint_activations=options.checkpoint_activations,
    )
    stage: StageName = options.stage
    preset = presets_folder() / "train" / f"{options.model}-{stage}.yaml"
    settings = read_stage_config(preset) if preset.is_file() else StageConfig(stage, options.model, run)
    data = dataclasses.replace(settings.data, validation_items=1, pool_draws=1)
    return dataclasses.replace(settings, run=run, data=data, init=None)


def in_processes(count: int, words: Sequence[str]) -> Row:
    """Measure in processes that find each other as those of torchrun do."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    shared = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "GROUP_RANK": "0",
        "TORCHELASTIC_RUN_ID": "benchmark",
    }
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, __file__, *words, "--worker", str(result)]
        processes = [
            subprocess.Popen(command, env=os.environ | shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
            for rank in range(count)
        ]
        statuses = [process.wait() for process in processes]
        if any(statuses):
            raise SystemExit(f"a process failed: {statuses}")
        row: Row = json.loads(result.read_text())
    return row


def products(row: Row) -> float:
    """Operations per second that all processes together reach in matrix products alone."""
    return row["processes"] * row["ceiling_gigaflops"]


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = [
        "| processes | steps/s | speed-up | of products | share of ceiling | waiting for data | peak MiB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    alone, first = rows[0], rows[0]["steps_per_second"]
    lines += [
        f"| {row['processes']:.0f} | {row['steps_per_second']:.3f} | "
        f"{row['steps_per_second'] / first:.2f} | {products(row) / products(alone):.2f} | "
        f"{100 * row['share_of_ceiling']:.0f} % | {100 * row['waiting_share']:.1f} % | "
        f"{row['peak_mebibytes']:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", default="fine", choices=("vae", "coarse", "fine", "finetune"))
    parser.add_argument("--model", default="mini")
    parser.add_argument("--batch", type=int, default=16, help="items of a step, over all processes")
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--precision", default="float32", choices=tuple(DTYPES))
    parser.add_argument("--checkpoint-activations", action="store_true")
    parser.add_argument("--accelerator", default="auto", choices=("auto", "cpu", "gpu"))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1, help="of each process, on a CPU")
    parser.add_argument("--processes", default="1,2")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.worker is not None:
        row = measure(settings_of(options), options.accelerator)
        if os.environ["RANK"] == "0":
            options.worker.write_text(json.dumps(row))
        return
    rows = [in_processes(int(count), sys.argv[1:]) for count in options.processes.split(",")]
    print(f"{options.stage} of {options.model}, batch {options.batch}, {options.precision}")
    print(table(rows))
    if options.json is not None:
        options.json.write_text(json.dumps({"settings": vars(options), "rows": rows}, indent=2, default=str))


if __name__ == "__main__":
    main()
