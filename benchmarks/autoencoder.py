"""What is left of sounds that an autoencoder never heard?

Five seconds of each recording that SimSphere's test split may play (`simulate.shares`) come as one plane wave
from a random direction, are encoded and decoded (means of the latents), and compared with the original:
SI-SDR, multi-resolution STFT distance (channels and cardioids, the published resolutions), the angle between
the time-averaged intensities, the level error per octave (`training.reconstruction_error`), and whether the
judge finds the right kind, of the original and of the reconstruction. Beside it stands the next recording in
place of the reconstruction. With `--fields`, the same for the sound fields in a folder made by
`audiospace simulate --split test` (several sources, rooms, ambience), without the judge.

Run: python benchmarks/autoencoder.py --sounds DIR [--fields DIR] [--model NAME|PATH] [--json FILE]
"""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from localisation import is_recognised, report
from numpy.typing import NDArray

from audiospace.ambisonics import encode
from audiospace.evaluation import Interval, bootstrap_mean
from audiospace.hearing import load_embedder
from audiospace.media import read_audio, resample
from audiospace.model_store import load_model
from audiospace.models import Autoencoder
from audiospace.simulate.recordings import find_recordings, load_recording
from audiospace.training.reconstruction_error import ReconstructionError, reconstruction_error

SECONDS = 5.0

Sound = NDArray[np.float32]
Rows = list[dict[str, float]]


@torch.no_grad()
def reconstructed(vae: Autoencoder, field: Sound) -> Sound:
    """A field through the autoencoder and back, cut to whole latent frames, shape (4, samples)."""
    decoded: Sound = vae.decode(vae.encode(torch.from_numpy(field)[None]).mean)[0].numpy()
    return decoded


def plane_waves(folders: list[Path], rate: int) -> Iterator[tuple[str, Sound]]:
    """Kind and field of each test recording, from a direction drawn uniformly over the sphere."""
    found = (recording for recording in find_recordings(folders) if recording.split == "test")
    for number, recording in enumerate(found):
        rng = np.random.default_rng([23, number])
        mono = load_recording(recording.path, rate)
        start = int(rng.integers(0, max(1, len(mono) - round(SECONDS * rate) + 1)))
        mono = mono[start : start + round(SECONDS * rate)]
        azimuth, elevation = rng.uniform(-math.pi, math.pi), math.asin(rng.uniform(-1, 1))
        yield recording.kind, encode(mono, azimuth, elevation).astype(np.float32)


def fields(folder: Path, rate: int) -> Iterator[Sound]:
    """The sound fields of a folder of simulated clips."""
    for path in sorted(folder.glob("*.wav")):
        sound = read_audio(path, channels=4)
        yield resample(sound.samples, sound.sample_rate, rate)


def figures(error: ReconstructionError) -> dict[str, float]:
    """What is reported of one reconstruction."""
    return {
        "SI-SDR (dB)": error.si_sdr,
        "STFT distance": error.stft,
        "angle (degrees)": error.angle,
        "octave levels (dB)": float(np.mean(list(error.levels.values()))),
    }


def of_recordings(found: list[tuple[str, Sound]], vae: Autoencoder, rate: int) -> dict[str, Rows]:
    """The figures of recordings from one direction, and of each one's neighbour in its place."""
    judge, rows, chance = load_embedder("judge"), Rows(), Rows()
    for number, (kind, field) in enumerate(found):
        decoded = reconstructed(vae, field)
        original, other = field[:, : decoded.shape[1]], found[(number + 1) % len(found)][1]
        rows.append(
            compared(decoded, original, rate)
            | {"right kind": is_recognised(decoded, rate, {kind}, judge)}
            | {"right kind, original": is_recognised(original, rate, {kind}, judge)}
        )
        chance.append(compared(other, original, rate))
    return {"recordings": rows, "another recording": chance}


def compared(estimate: Sound, original: Sound, rate: int) -> dict[str, float]:
    """Figures over the time that both last."""
    shared = min(estimate.shape[1], original.shape[1])
    a, b = (torch.from_numpy(sound[:, :shared]) for sound in (estimate, original))
    return figures(reconstruction_error(a, b, rate))


def intervals(rows: Rows) -> dict[str, Interval]:
    """Means with 95 % bootstrap intervals."""
    return {name: bootstrap_mean([row[name] for row in rows]) for name in rows[0]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sounds", type=Path, action="append", required=True)
    parser.add_argument("--fields", type=Path)
    parser.add_argument("--model", default="audiospace-mini")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    vae = load_model(arguments.model).model.vae
    rate = vae.sample_rate
    groups = of_recordings(list(plane_waves(arguments.sounds, rate)), vae, rate)
    if arguments.fields:
        groups["fields"] = [
            compared(reconstructed(vae, field), field, rate) for field in fields(arguments.fields, rate)
        ]
    report({group: intervals(rows) for group, rows in groups.items()}, arguments.json)
    for group, rows in groups.items():
        print(f"{group}: median angle {np.median([row['angle (degrees)'] for row in rows]):.3g} degrees")


if __name__ == "__main__":
    main()
