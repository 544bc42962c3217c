"""Does the sound sit where its source is seen, and is it the right one? On clips that training never saw.

For every clip of a folder made by `audiospace simulate --split test`, generates the sound of the video as it
is and of the video turned by 90 degrees, and prints, in degrees with 95 % bootstrap intervals:

- the angle between the time-averaged intensity of the generated and of the true field, beside always-front
  and a random direction on the same clips;
- how far the second sound is from the first one turned by 90 degrees;
- the share of clips for whose sound the judge's first label of all is a kind that sounds in the scene, for
  the generated and, as the most that can be had, for the true sound.

Run: python benchmarks/localisation.py FOLDER [--model NAME|PATH] [--seed N] [--json FILE]
"""

import argparse
import json
import math
import zlib
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
from audiospace.hearing import SoundEmbedder, load_embedder
from audiospace.media import probe, read_audio, require_360, resample
from audiospace.metrics import mean_direction
from audiospace.model_store import LoadedModel, load_model
from audiospace.vision import CUBEMAP

TURN = math.pi / 2
FRONT = np.array([1.0, 0.0, 0.0])

Sound = NDArray[np.float32]


def generated(video: Path, loaded: LoadedModel, guidance: float, yaw: float, seed: int) -> Sound:
    """The sound generated for a turned video, (4, samples) at the model's rate."""
    info, config = probe(video), loaded.model.config
    features = look(
        info,
        require_360(info),
        config.features,
        yaw=yaw,
        cubemap=CUBEMAP in config.branches,
        advance=lambda *_: None,
    )
    settings = SamplerSettings(config.steps, guidance, seed, solver=config.solver)
    latents = sample_latents(loaded.model, features.branches, info.duration, settings)
    return decode_latents(loaded.model, latents)


def is_recognised(sound: Sound, rate: int, kinds: set[str], judge: SoundEmbedder) -> float:
    """1 where the judge's first label is one of the kinds, else 0."""
    logits, labels = judge.hear(resample(sound, rate, judge.sample_rate)).logits, judge.labels
    if logits is None or labels is None:
        raise TypeError("the judge has labels")
    return float(labels[int(logits.argmax())] in kinds)


def measure(
    folder: Path, loaded: LoadedModel, guidance: float, *, turn: bool, seed: int
) -> dict[str, dict[str, Interval]]:
    """Mean angles in degrees and shares of recognised sounds, over all clips and those of one source."""
    judge, rate = load_embedder("judge"), loaded.model.config.vae.sample_rate
    rows: dict[str, list[dict[str, float]]] = {"all clips": [], "one source": []}
    for video in sorted(folder.glob("*.mp4")):
        # a clip's noise is its own, whichever clips stand beside it; torch takes 32 bits of a seed
        own = np.random.default_rng([seed, zlib.crc32(video.stem.encode())])
        noise, chance = int(own.integers(2**32)), own.standard_normal(3)
        true = read_audio(video.with_suffix(".wav"), channels=4)
        sources = json.loads(video.with_suffix(".json").read_text())["sources"]
        kinds = {source["kind"] for source in sources if source["sounding"]}
        made = generated(video, loaded, guidance, 0.0, noise)
        heard, truth = mean_direction(made), mean_direction(true.samples)
        angles = {
            "model": angular_distance(heard, truth),
            "always front": angular_distance(FRONT, truth),
            "random": angular_distance(chance / np.linalg.norm(chance), truth),
        }
        if turn:
            turned = mean_direction(generated(video, loaded, guidance, TURN, noise))
            angles["turned by 90"] = angular_distance(rotation_matrix(TURN) @ heard, turned)
        row = {name: math.degrees(float(angle)) for name, angle in angles.items()}
        row["right kind"] = is_recognised(made, rate, kinds, judge)
        row["right kind, true sound"] = is_recognised(true.samples, true.sample_rate, kinds, judge)
        rows["all clips"].append(row)
        if len([source for source in sources if source["sounding"]]) == 1:
            rows["one source"].append(row)
        print(video.stem, *sorted(kinds), *(f"{name} {value:.3g}" for name, value in row.items()), flush=True)
    return {
        group: {name: bootstrap_mean([row[name] for row in found]) for name in found[0]}
        for group, found in rows.items()
        if found
    }


def report(figures: dict[str, dict[str, Interval]], path: Path | None) -> None:
    """Print figures by group and name, and write them as JSON where there is a path."""
    for group, named in figures.items():
        print(group)
        for name, figure in named.items():
            print(f"  {name:<24} {figure.mean:6.3g} [{figure.low:.3g}, {figure.high:.3g}]  n={figure.n}")
    if path is not None:
        plain = {
            group: {name: asdict(figure) for name, figure in named.items()}
            for group, named in figures.items()
        }
        path.write_text(json.dumps(plain, indent=2))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="audiospace-mini")
    parser.add_argument("--guidance", type=float, help="default: the model's own")
    parser.add_argument("--seed", type=int, default=0, help="of the noise: measure with several")
    parser.add_argument("--no-turn", action="store_true", help="leave the turned videos out")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    loaded = load_model(arguments.model)
    guidance = loaded.model.config.guidance_scale if arguments.guidance is None else arguments.guidance
    figures = measure(arguments.folder, loaded, guidance, turn=not arguments.no_turn, seed=arguments.seed)
    report(figures, arguments.json)


if __name__ == "__main__":
    main()
