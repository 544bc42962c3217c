"""How fast a model runs on this machine, and how far that is from what the machine could do at best.

Each measurement has a process of its own, and random weights of a preset's sizes: what the machine multiplies
and copies at most; one guided evaluation of the transformer for a window of sound, with torch's own layers
and in every precision that pays here; one decoding, layer by layer and in tiles; one second of video through
the frame encoder of the published model; and a window from cached features to sound, as the published code
computes it (plain layers, Euler's method, 24 steps) and in this project's ways. Medians, but for the last.

Run: python benchmarks/inference.py [--preset NAME] [--device DEVICE] [--repeats N] [--json FILE]
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from audiospace.generation.sampling import SamplerSettings, decode_latents, sample_latents
from audiospace.kernels import PackedLinear, accelerate, choose_precision, supported_precisions
from audiospace.kernels.linear import can_pack
from audiospace.model_store import load_config
from audiospace.models import (
    AudioVAE,
    Conditions,
    Guided,
    ModelConfig,
    SpatialAudioModel,
    VelocityTransformer,
    fold_weight_norm,
    prepare_autoencoder,
    prepare_for_inference,
    prepare_transformer,
)

Row = dict[str, float | str]
PLAIN = "plain layers"
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2, "int8": 1}
WAYS = {
    "as published: plain layers, euler 24": (PLAIN, "euler", 24),
    "exact: float32, euler 24": ("float32", "euler", 24),
    "float32, midpoint 6": ("float32", "midpoint", 6),
    "fast: fewest bits, midpoint 6": ("fast", "midpoint", 6),
}
"""Precision, solver and steps of what is measured from features to sound."""


def median_seconds(work: Callable[[], object], repeats: int, device: torch.device) -> float:
    """Median of the times that some work takes, after one run that does not count."""
    seconds = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def randomise(module: nn.Module, device: torch.device) -> None:
    """Give a module without memory weights of the sizes that trained ones have."""
    torch.manual_seed(0)
    module.to_empty(device=device)
    for name, values in (*module.named_parameters(), *module.named_buffers()):
        if name.endswith(("norm.weight", "scale")):
            nn.init.ones_(values)
        elif name.endswith(("alpha", "beta", "bias", "mean")):
            nn.init.zeros_(values)
        elif values.is_floating_point():
            nn.init.normal_(values, std=0.02)
    module.eval().requires_grad_(False)


def ceilings(_: ModelConfig, device: torch.device, repeats: int, __: str) -> Row:
    """The fastest matrix product in each precision over sizes and libraries, and the fastest copy."""
    best = dict.fromkeys(("float32", "bfloat16", "float16", "int8"), 0.0)
    for size in (2048, 4096):  # larger than the caches, as the model's are
        floats = torch.randn(size, size, device=device)
        kinds = {"float32": floats, "bfloat16": floats.bfloat16(), "float16": floats.half()}
        works = {
            name: (lambda a=a: a @ a) for name, a in kinds.items() if name in supported_precisions(device)
        }
        integers = (floats * 20).to(torch.int8)
        works["int8"] = lambda a=integers: torch._int_mm(a, a)
        layer = nn.Linear(size, size, bias=False, device=device)
        if can_pack(layer, torch.float32):
            packed = PackedLinear(layer)
            works["float32, packed"] = lambda a=floats, f=packed: f(a)
        for name, work in works.items():
            rate = 2 * size**3 / median_seconds(work, repeats, device)
            kind = name.split(",")[0]
            best[kind] = max(best[kind], rate)
    source = torch.ones(2**26, device=device)
    target = torch.empty_like(source)
    best["copied"] = 2 * source.nbytes / median_seconds(lambda: target.copy_(source), repeats, device)
    return dict(best)


def guided(config: ModelConfig, network: VelocityTransformer, device: torch.device) -> Callable[[], object]:
    """One evaluation of the velocity with guidance, for a window of latents."""
    sizes = config.transformer
    steps = round(config.window_seconds * config.features.frames_per_second)
    whole = torch.randn(1, steps, sizes.global_dim, device=device)
    front = torch.randn(1, steps, sizes.width, device=device)
    x = torch.randn(1, sizes.latent_dim, config.window_frames, device=device)
    t = torch.full((1,), 0.5, device=device)
    velocity = Guided(network, Conditions(whole, front), config.guidance_scale)
    return lambda: velocity(x, t)


def evaluation(config: ModelConfig, device: torch.device, repeats: int, way: str) -> Row:
    """One guided evaluation of the transformer in a precision, or with torch's own layers."""
    plain = way == PLAIN
    with torch.device("meta"):
        network = VelocityTransformer(config.transformer)
    with FlopCounterMode(display=False) as counter:
        guided(config, network, torch.device("meta"))()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    randomise(network, device)
    if not plain:
        prepare_transformer(network, way)
    with torch.inference_mode():
        seconds = median_seconds(guided(config, network, device), repeats, device)
    products = "float32" if plain else way
    return {
        "seconds": seconds,
        "Gflop": counter.get_total_flops() / 1e9,
        "products": products,
        "GB": parameters * BYTES[products] / 1e9,
    }


def decoding(config: ModelConfig, device: torch.device, repeats: int, way: str) -> Row:
    """Decode one window of latents, in tiles or layer by layer."""
    shape = (1, config.vae.latent_dim, config.window_frames)
    with torch.device("meta"):
        vae = AudioVAE(config.vae)
        fold_weight_norm(vae)
        with FlopCounterMode(display=False) as counter:
            vae.decode(torch.empty(shape))
    parameters = sum(parameter.numel() for parameter in vae.decoder.parameters())
    vae.encoder = nn.Identity()
    randomise(vae, device)
    if way == "in tiles":
        prepare_autoencoder(vae)
    latents = torch.randn(shape, device=device)
    with torch.inference_mode():
        seconds = median_seconds(lambda: vae.decode(latents), repeats, device)
    return {
        "seconds": seconds,
        "Gflop": counter.get_total_flops() / 1e9,
        "products": "float32",
        "GB": parameters * 4 / 1e9,
    }


def to_sound(config: ModelConfig, device: torch.device, _: int, way: str) -> Row:
    """Ten seconds from cached features to a sound field in memory."""
    precision, solver, steps = WAYS[way]
    with torch.device("meta"):
        model = SpatialAudioModel(config)
        fold_weight_norm(model.vae)
    model.vae.encoder = nn.Identity()
    randomise(model, device)
    if precision != PLAIN:
        prepare_for_inference(model, choose_precision(precision, device))
    frames = round(config.window_seconds * config.features.frames_per_second)
    features = {
        entry.branch: np.random.default_rng(0).standard_normal((frames, entry.input_dim), dtype=np.float32)
        for entry in config.conditioners
    }
    settings = SamplerSettings(steps=steps, guidance=config.guidance_scale, seed=0, solver=solver)
    started = time.perf_counter()
    latents = sample_latents(model, features, config.window_seconds, settings)
    sound = decode_latents(model, latents)
    seconds = time.perf_counter() - started
    if not np.isfinite(sound).all():
        raise ArithmeticError("the sound is not finite")
    return {"seconds": seconds}


def looking(config: ModelConfig, device: torch.device, repeats: int, way: str) -> Row:
    """One second of video through MetaCLIP's network: two views of each frame, eight at a time on a CPU."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    sizes = CLIPVisionConfig(
        hidden_size=1280,
        intermediate_size=5120,
        num_hidden_layers=32,
        num_attention_heads=16,
        patch_size=14,
        projection_dim=1024,
    )
    with torch.device("meta"):
        network = CLIPVisionModelWithProjection._from_config(sizes, attn_implementation="sdpa")
    views = round(2 * config.features.frames_per_second)
    at_once = 8 if device.type == "cpu" else views
    with FlopCounterMode(display=False) as counter:
        network(pixel_values=torch.empty(1, 3, 224, 224, device="meta"))
    randomise(network, device)
    network.vision_model.embeddings.position_ids = torch.arange(257, device=device)[None]
    accelerate(network, way)
    pixels = torch.randn(at_once, 3, 224, 224, device=device)
    with torch.inference_mode():
        seconds = median_seconds(lambda: network(pixel_values=pixels), repeats, device)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return {
        "seconds": seconds * views / at_once,
        "Gflop": counter.get_total_flops() * views / 1e9,
        "products": way,
        "GB": parameters * BYTES[way] * views / at_once / 1e9,
    }


def _measured(arguments: tuple[Callable[..., Row], ModelConfig, str, int, str]) -> Row:
    """One measurement in this process, and the most memory that the process had."""
    measure, config, device, repeats, way = arguments
    row = measure(config, torch.device(device), repeats, way)
    return row | {"peak GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def plan(device: torch.device) -> list[tuple[str, Callable[..., Row], str]]:
    """What is measured: its name, how, and in which way."""
    ways = supported_precisions(device)
    return [
        *((f"guided evaluation, {way}", evaluation, way) for way in (PLAIN, *ways)),
        *((f"decoding, {way}", decoding, way) for way in ("layer by layer", "in tiles")),
        *((f"1 s of features, {way}", looking, way) for way in ways if way != "int8"),
        *((f"features to sound, {way}", to_sound, way) for way in WAYS),
    ]


def line(name: str, row: Row, best: Row) -> str:
    """One line of the report: seconds, the share of each ceiling, memory."""
    text = f"{name:58} {row['seconds']:8.3f} s"
    if "Gflop" in row:
        arithmetic = row["Gflop"] * 1e9 / best[row["products"]]
        memory = row["GB"] * 1e9 / best["copied"]
        text += f"  {row['seconds'] / arithmetic:5.2f} x arithmetic floor  {memory:6.3f} s memory floor"
    return text + f"  peak {row['peak GiB']:.1f} GiB"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preset", default="omniaudio")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default="", help="measure only what has this in its name")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    config, device = load_config(arguments.preset), arguments.device
    print(f"{config.name} on {device}, {os.cpu_count()} processors, torch {torch.__version__}")
    rows: dict[str, Row] = {}
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as fresh:
        best = fresh.map(_measured, [(ceilings, config, device, arguments.repeats, "")])[0]
        print(
            "ceilings:",
            "  ".join(f"{name} {rate / 1e9:.0f} G/s" for name, rate in best.items() if rate > 1e6),
        )
        for name, measure, way in plan(torch.device(device)):
            if arguments.only in name:
                task = (measure, config, device, arguments.repeats, way)
                rows[name] = fresh.map(_measured, [task])[0]
                print(line(name, rows[name], best), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"ceilings": best, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
