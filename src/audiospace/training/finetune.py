"""Stage 4: sound from what is seen, on simulated scenes whose features and field are known."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audiospace.ambisonics import CHANNELS, rotate, rotation_matrix
from audiospace.models import Conditions, SpatialAudioModel
from audiospace.simulate import DrawnSound, Mixture, Scene, SoundLibrary, random_scene
from audiospace.training.config import DataConfig, FlowConfig
from audiospace.training.flow_matching import LATENTS, Given, everywhere, features_of
from audiospace.training.latent_rotation import SPHERE
from audiospace.training.latents import Example, LatentSet
from audiospace.training.remixing import versions
from audiospace.training.stage import Batch

KEPT = "kept"
SHARED_GAIN = 0.5
_ALONE = 73

Look = Callable[[Scene, tuple[DrawnSound | None, ...], int], Mapping[str, NDArray[np.float32]]]
"""Gives the features of a scene by branch, shape (T, ...). It is told what the sources play, because that
shows, and a number that differs by orientation of one scene."""


@dataclass(frozen=True)
class FromVideo:
    """Gives the embedded features, dropped at times for classifier-free guidance.

    Attributes:
        settings: How often the additive condition is dropped.
    """

    settings: FlowConfig

    def draw(self, frames: int, generator: torch.Generator) -> dict[str, Tensor]:  # noqa: ARG002
        """Whether the additive condition is kept."""
        return {KEPT: torch.rand((), generator=generator) >= self.settings.condition_dropout}

    def give(self, embedder: nn.Module, batch: Batch) -> Given:
        """Features of the items, some of them dropped."""
        conditions: Conditions = embedder(features_of(batch))
        told = conditions.masked(batch[KEPT])
        return Given(told, None, everywhere(batch[LATENTS]), conditions.expected)


def scenes_with_features(
    library: SoundLibrary, look: Look, data: DataConfig, sample_rate: int, seed: int
) -> Iterator[Example]:
    """Simulated scenes without end, each in `data.remixes` versions and `data.rotations` orientations.

    Scenes are mixed as those of SimSphere, but for what the configuration says. A scene is rendered once, its
    sources added up anew and the field rotated; each version and orientation is looked at anew.

    Args:
        library: Sounds of the sources.
        look: Gives the features of what is seen.
        data: Length, number of sources, share of rooms, versions and rotations.
        sample_rate: Samples per second.
        seed: First scene's seed; scene k has seed + k.

    Yields:
        Field and features of one orientation of a version of a scene.
    """
    number = 0
    while True:
        alone = np.random.default_rng((seed, number, _ALONE)).random() < data.alone
        mixture = Mixture(sources=(1, 1) if alone else data.sources, room=data.rooms)
        scene = random_scene(seed + number, kinds=library.kinds, seconds=data.seconds, **asdict(mixture))
        rng = np.random.default_rng((seed, number, 1))
        for version in versions(scene, library, sample_rate, data.remixes):
            for orientation in range(data.rotations):
                turn = rotation_matrix(float(rng.uniform(-np.pi, np.pi)))
                features = look(rotate_scene(version.scene, turn), version.sounds, orientation)
                yield Example(rotate(version.field, turn).astype(np.float32), features)
        number += 1


def rotate_scene(scene: Scene, rotation: NDArray[np.float64]) -> Scene:
    """Turn every source of a scene about the listener.

    Args:
        scene: The scene.
        rotation: Rotation matrix, shape (3, 3).

    Returns:
        The turned scene. A room around it is not turned: this is for what is seen, not for rendering sound.
    """
    sources = tuple(
        dataclasses.replace(
            source, path=dataclasses.replace(source.path, directions=source.path.directions @ rotation.T)
        )
        for source in scene.sources
    )
    return dataclasses.replace(scene, sources=sources)


def share_directions(model: SpatialAudioModel, generator: torch.Generator) -> None:
    """Let every category speak of direction in the same way, before training.

    A conditioner of spherical moments starts with random weights for each category's moments, and would have
    to learn anew for each what "to the left" sounds like. Here the sum over categories of each of the four
    moments is given its own random vector, shared by all, on top of the random weights.

    Args:
        model: The model, its conditioners standardised.
        generator: Source of randomness.
    """
    for config in model.config.conditioners:
        conditioner = model.embedder.conditioners[config.name]
        layer, scale = conditioner.layer, getattr(conditioner, "scale", None)
        if config.branch != SPHERE or not isinstance(layer, nn.Linear) or not isinstance(scale, Tensor):
            continue
        spread = scale.reshape(CHANNELS, -1)
        share = (spread / spread.norm(dim=1, keepdim=True)).flatten()
        shared = SHARED_GAIN * torch.randn(layer.out_features, CHANNELS, generator=generator)
        with torch.no_grad():
            layer.weight.add_(shared.repeat_interleave(spread.shape[1], dim=1) * share)


def standardise_conditions(model: SpatialAudioModel, features: LatentSet) -> None:
    """Set the conditioners' mean and scale from the training features.

    Args:
        model: The model; conditioners without standardisation stay as they are.
        features: The prepared training items.
    """
    for config in model.config.conditioners:
        conditioner = model.embedder.conditioners[config.name]
        mean, scale = getattr(conditioner, "mean", None), getattr(conditioner, "scale", None)
        if not isinstance(mean, Tensor) or not isinstance(scale, Tensor):
            continue
        rows = features.features[config.branch].float().flatten(2).flatten(0, 1)
        mean.copy_(rows.mean(dim=0))
        scale.copy_(rows.std(dim=0) + 1e-3)
