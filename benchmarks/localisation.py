"""Does the sound sit where its source is seen? On simulated clips that training never saw.

For every clip of a folder made by `audiospace simulate --held-out`, generates the sound of the video as it
is and of the video turned by 90 degrees, and prints, in degrees with 95 % bootstrap intervals:

- the angle between the time-averaged intensity of the generated and of the true field, beside always-front
  and a random direction on the same clips;
- how far the second sound is from the first one turned by 90 degrees.

Run: python benchmarks/localisation.py FOLDER [--model NAME|PATH] [--json FILE]
"""

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import angular_distance, rotation_matrix
from audiospace.evaluation import Interval, bootstrap_mean
from audiospace.generation import (
    SamplerSettings,
    decode_latents,
    sample_latents,
)
from audiospace.generation.look import look
from audiospace.media import probe, read_audio, require_360
from audiospace.metrics import mean_direction
from audiospace.model_store import LoadedModel, load_model

TURN = math.pi / 2
FRONT = np.array([1.0, 0.0, 0.0])

Vector = NDArray[np.float64]


def heard_direction(video: Path, loaded: LoadedModel, guidance: float, yaw: float, seed: int) -> Vector:
    """Unit vector of the time-averaged intensity of the sound generated for a turned video."""
    info, config = probe(video), loaded.model.config
    features = look(info, require_360(info), config.features, yaw=yaw, advance=lambda *_: None)
    settings = SamplerSettings(config.steps, guidance, seed)
    latents = sample_latents(loaded.model, features.branches, info.duration, settings)
    return mean_direction(decode_latents(loaded.model, latents))


def measure(folder: Path, loaded: LoadedModel, guidance: float, *, turn: bool) -> dict[str, Interval]:
    """Mean angles in degrees over the folder's clips."""
    angles: dict[str, list[float]] = {}
    for number, video in enumerate(sorted(folder.glob("*.mp4"))):
        truth = mean_direction(read_audio(video.with_suffix(".wav"), channels=4).samples)
        chance = np.random.default_rng([17, number]).standard_normal(3)
        heard = heard_direction(video, loaded, guidance, 0.0, seed=number)
        row = {
            "model": angular_distance(heard, truth),
            "always front": angular_distance(FRONT, truth),
            "random": angular_distance(chance / np.linalg.norm(chance), truth),
        }
        if turn:
            turned = heard_direction(video, loaded, guidance, TURN, seed=number)
            row["turned by 90"] = angular_distance(rotation_matrix(TURN) @ heard, turned)
        for name, angle in row.items():
            angles.setdefault(name, []).append(math.degrees(float(angle)))
        print(video.stem, *(f"{name} {values[-1]:.0f}" for name, values in angles.items()), flush=True)
    return {name: bootstrap_mean(values) for name, values in angles.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="audiospace-mini")
    parser.add_argument("--guidance", type=float, help="default: the model's own")
    parser.add_argument("--no-turn", action="store_true", help="leave the turned videos out")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    loaded = load_model(arguments.model)
    guidance = loaded.model.config.guidance_scale if arguments.guidance is None else arguments.guidance
    figures = measure(arguments.folder, loaded, guidance, turn=not arguments.no_turn)
    for name, figure in figures.items():
        print(f"{name:<14} {figure.mean:6.1f} [{figure.low:.1f}, {figure.high:.1f}]  n={figure.n}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({name: asdict(figure) for name, figure in figures.items()}, indent=2)
        )


if __name__ == "__main__":
    main()
