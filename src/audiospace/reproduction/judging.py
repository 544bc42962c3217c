"""How the sounds of a row are judged: by SimSphere's own sounds and by the embedded recogniser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from audiospace.evaluation.jackknife import frechet_replicates
from audiospace.generation.sampling import noise_like_latents
from audiospace.hearing import SoundEmbedder
from audiospace.media import resample, writing
from audiospace.metrics import (
    GaussianStatistics,
    GroupedStatistics,
    Replicates,
    direction_errors,
    label_divergence,
    mean_direction,
)
from audiospace.metrics.spatial import NoDirectionError
from audiospace.models import Guided, SpatialAudioModel, euler
from audiospace.reproduction.config import METRICS
from audiospace.training.latents import LatentSet

FloatArray = NDArray[np.float32]

PER_CLIP = METRICS[1:]
"""Figures that each clip has."""
GENERATED_TOGETHER = 32
NOWHERE = np.full(3, np.nan)
"""In place of a direction, where a sound has none."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What is known of the sounds of the test scenes, one row of each array per scene.

    Attributes:
        embeddings: Of windows (scenes, windows, dimensions).
        probabilities: Of the recogniser's labels (scenes, labels).
        directions: Unit vectors of the time-averaged intensity (scenes, 3), NaN where there is none.
    """

    embeddings: FloatArray
    probabilities: NDArray[np.float64]
    directions: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Figures:
    """How one set of sounds compares with what the scenes sound like.

    Attributes:
        clips: Figures by metric, one per scene; NaN where a figure is not defined. Angles in radians.
        fd: Frechet distance of the set, with and without groups of scenes; None where sounds are not judged.
    """

    clips: dict[str, NDArray[np.float64]]
    fd: Replicates | None


def listen(sounds: Iterator[FloatArray], embedder: SoundEmbedder, sample_rate: int) -> Judged:
    """Describe sounds.

    Args:
        sounds: AmbiX fields, shape (4, samples), all of one length.
        embedder: Hears what they are; it must have labels.
        sample_rate: Of the sounds.

    Returns:
        Their descriptions in order.
    """
    embeddings, probabilities, directions = [], [], []
    for sound in sounds:
        heard = embedder.hear(resample(sound[:1], sample_rate, embedder.sample_rate))
        assert heard.probabilities is not None  # noqa: S101  asked of the embedder above
        embeddings.append(heard.embeddings)
        probabilities.append(heard.probabilities)
        try:
            directions.append(mean_direction(sound))
        except NoDirectionError:
            directions.append(NOWHERE)
    return Judged(np.stack(embeddings), np.stack(probabilities), np.stack(directions))


def kept(path: Path, judged: Judged | None = None) -> Judged | None:
    """Write what is known of sounds, or read it.

    Args:
        path: The file (.npz).
        judged: What to write; None to read.

    Returns:
        It; None if there is nothing to read.
    """
    if judged is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(path) as temporary:
            np.savez(temporary, allow_pickle=False, **vars(judged))
        return judged
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        return Judged(**{name: stored[name] for name in stored.files})


@torch.inference_mode()
def generated(
    model: SpatialAudioModel, items: LatentSet, seed: int, device: torch.device
) -> Iterator[FloatArray]:
    """Generate the sounds of scenes from their features.

    Args:
        model: On the CPU; its network is moved to the device.
        items: The scenes.
        seed: Of the noise, the same for every row.
        device: Where the flow is followed.

    Yields:
        AmbiX fields, shape (4, frames * hop).
    """
    frames = items.latents.shape[2]
    model.transformer.to(device)
    model.embedder.to(device)
    for start in range(0, len(items), GENERATED_TOGETHER):
        numbers = range(start, min(start + GENERATED_TOGETHER, len(items)))
        features = {
            name: value[numbers.start : numbers.stop].float().to(device)
            for name, value in items.features.items()
        }
        noise = torch.cat([noise_like_latents(model, frames, 1000 * seed + number) for number in numbers])
        velocity = Guided(model.transformer, model.embed(features), model.config.guidance_scale)
        latents = euler(velocity, noise.to(device), model.config.steps).cpu()
        for one in latents:
            yield model.decode(one[None])[0].float().numpy()


@torch.inference_mode()
def reconstructed(model: SpatialAudioModel, items: LatentSet) -> Iterator[FloatArray]:
    """Decode the true latents of scenes: the best that any row could do.

    Args:
        model: Whose autoencoder made the latents.
        items: The scenes.

    Yields:
        AmbiX fields, shape (4, frames * hop).
    """
    for latents in items.latents:
        yield model.vae.decode(latents[None].float())[0].float().numpy()


def compare(truth: Judged, made: Judged) -> Figures:
    """Compare sounds with those of the scenes that they are for.

    Args:
        truth: What the scenes sound like.
        made: Sounds for the same scenes in the same order.

    Returns:
        The figures.
    """
    clips = errors(truth.directions, made.directions)
    clips["kl"] = np.array(
        [label_divergence(*pair) for pair in zip(truth.probabilities, made.probabilities, strict=True)]
    )
    return Figures(clips, frechet_replicates(_grouped(truth), _grouped(made)))


def errors(truth: NDArray[np.float64], made: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Compare directions.

    Args:
        truth: Unit vectors (scenes, 3), NaN where there is none.
        made: Others, or those of a single direction for all (3,).

    Returns:
        Errors in radians by metric, NaN where one of the two has no direction.
    """
    pairs = zip(truth, np.broadcast_to(made, truth.shape), strict=True)
    found = [direction_errors(*pair) if np.isfinite(pair).all() else None for pair in pairs]
    return {
        name: np.array([np.nan if one is None else getattr(one, name) for one in found])
        for name in ("azimuth", "elevation", "angle")
    }


def _grouped(judged: Judged) -> GroupedStatistics[GaussianStatistics]:
    grouped: GroupedStatistics[GaussianStatistics] = GroupedStatistics()
    for place, embeddings in enumerate(judged.embeddings):
        grouped = grouped.with_clip(place, GaussianStatistics.of(embeddings))
    return grouped
