"""How near the solvers come to the exact solution of the flow, and what fewer bits and less guidance cost.

For each video: the model's latents by every solver at several numbers of steps, against 200 steps of the
midpoint method, from the same noise; then the same at one setting in lower precision and with guidance left
out at some flow times. Relative L2 errors, median and largest over the videos. Use videos that nothing is
tuned or reported on otherwise, such as simulated ones (`audiospace simulate`).

Run: python benchmarks/solvers.py VIDEO [VIDEO ...] [--model NAME|FILE] [--json FILE]
"""

import argparse
import copy
import json
import statistics
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from audiospace.generation.look import look
from audiospace.generation.sampling import SOLVERS, noise_like_latents
from audiospace.kernels import supported_precisions
from audiospace.media import probe, require_360
from audiospace.model_store import load_model
from audiospace.models import Conditions, Guided, SpatialAudioModel, Velocity, midpoint, prepare_transformer

REFERENCE_STEPS = 200
STEPS = {"euler": (8, 12, 24, 48), "adams-bashforth": (6, 8, 10, 12, 24), "midpoint": (3, 4, 5, 6, 8, 12)}
EVALUATIONS = {"euler": 1, "adams-bashforth": 1, "midpoint": 2}
INTERVALS = ((0.0, 0.8), (0.2, 1.0), (0.1, 0.9))
Errors = dict[str, list[float]]


def conditions_of(model: SpatialAudioModel, video: Path) -> Conditions:
    """The embedded features of a video's first window."""
    info = probe(video)
    features = look(
        info, require_360(info, "auto"), model.config.features, advance=lambda _done, _total: None
    )
    window = features.window(0.0, model.config.window_seconds)
    return model.embed({name: torch.from_numpy(values)[None] for name, values in window.branches.items()})


def compare(model: SpatialAudioModel, conditions: Conditions, seed: int, errors: Errors) -> None:
    """Measure everything on one video."""
    scale = model.config.guidance_scale
    noise = noise_like_latents(model, model.config.window_frames, seed)

    def add(name: str, latents: Tensor, expected: Tensor) -> None:
        errors.setdefault(name, []).append(((latents - expected).norm() / expected.norm()).item())

    exact: Velocity = Guided(model.transformer, conditions, scale)
    reference = midpoint(exact, noise, REFERENCE_STEPS)
    for name, counts in STEPS.items():
        for steps in counts:
            label = f"{name} {steps} ({steps * EVALUATIONS[name]} evaluations)"
            add(label, SOLVERS[name](exact, noise, steps), reference)
    float32 = midpoint(exact, noise, 6)
    for precision in supported_precisions(torch.device("cpu")):
        network = copy.deepcopy(model.transformer)
        prepare_transformer(network, precision)
        add(f"{precision}, beside plain", midpoint(Guided(network, conditions, scale), noise, 6), float32)
    for interval in INTERVALS:
        guided = Guided(model.transformer, conditions, scale, interval=interval)
        add(f"guided only within {interval}, beside always", midpoint(guided, noise, 6), float32)


def report(errors: Errors, output: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Print one line per setting."""
    summary = {
        name: {"median": statistics.median(e), "max": max(e), "n": len(e)} for name, e in errors.items()
    }
    for name, row in summary.items():
        output(f"{name:46} error {row['median']:.4f} (largest {row['max']:.4f}, n = {row['n']})")
    return summary


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("videos", nargs="+", type=Path)
    parser.add_argument("--model", default="audiospace-mini")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    model = load_model(arguments.model).model
    errors: Errors = {}
    with torch.inference_mode():
        for seed, video in enumerate(arguments.videos):
            compare(model, conditions_of(model, video), seed, errors)
    summary = report(errors, print)
    if arguments.json:
        arguments.json.write_text(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
