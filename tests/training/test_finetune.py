import numpy as np
import pytest
import torch

from audiospace.ambisonics import rotation_matrix
from audiospace.model_store import load_config
from audiospace.models import SpatialAudioModel
from audiospace.simulate import SoundLibrary, random_scene
from audiospace.training.config import DataConfig
from audiospace.training.finetune import (
    rotate_scene,
    scenes_with_features,
    share_directions,
    standardise_conditions,
)
from audiospace.training.latents import LatentSet


@pytest.fixture
def model() -> SpatialAudioModel:
    torch.manual_seed(0)
    return SpatialAudioModel(load_config("tiny"))


@pytest.fixture
def items() -> LatentSet:
    generator = torch.Generator().manual_seed(1)
    sphere = 0.2 + 0.05 * torch.randn(50, 8, 4, 29, generator=generator)
    return LatentSet(
        torch.zeros(50, 8, 8), {"sphere": sphere, "fov": torch.rand(50, 8, 28, generator=generator)}
    )


def test_standardised_conditions_have_no_mean_and_unit_scale(model, items):
    standardise_conditions(model, items)
    conditioner = model.embedder.conditioners["sphere"]
    rows = (items.features["sphere"].flatten(2) - conditioner.mean) / conditioner.scale
    torch.testing.assert_close(rows.mean(dim=(0, 1)), torch.zeros(116), atol=1e-3, rtol=0)
    torch.testing.assert_close(rows.std(dim=(0, 1)), torch.ones(116), atol=0.03, rtol=0)


def test_categories_share_how_they_speak_of_direction(model, items):
    standardise_conditions(model, items)

    def response(category: int) -> torch.Tensor:
        """How the embedding changes when something of a category moves to the left."""
        sphere = torch.zeros(1, 1, 4, 29)
        sphere[..., 1, category] = 1.0
        layer = model.embedder.conditioners["sphere"]
        return (layer(sphere) - layer(torch.zeros_like(sphere)))[0, 0]

    apart = torch.cosine_similarity(response(2), response(20), dim=0)
    share_directions(model, torch.Generator().manual_seed(2))
    together = torch.cosine_similarity(response(2), response(20), dim=0)
    assert abs(apart) < 0.5
    assert together > apart + 0.2


@pytest.mark.parametrize(("alone", "counts"), [(0.0, {2, 3}), (1.0, {1}), (0.5, {1, 2, 3})])
def test_a_share_of_the_scenes_has_one_source(alone, counts):
    data = DataConfig(seconds=0.5, sources=(2, 3), alone=alone)
    seen = []

    def look(scene, sounds, _orientation):
        assert [sound is not None for sound in sounds] == [source.sounding for source in scene.sources]
        seen.append(sum(source.sounding for source in scene.sources))
        return {}

    scenes = scenes_with_features(SoundLibrary.procedural(), look, data, 8000, seed=1)
    for _ in range(12):
        next(scenes)
    assert set(seen) == counts


def test_each_version_of_a_scene_is_looked_at_and_heard():
    data = DataConfig(seconds=0.5, sources=(2, 2), remixes=3)
    seen = []

    def look(scene, sounds, _orientation):
        seen.append((scene.seed, [source.level_db for source in scene.sources]))
        assert [sound is not None for sound in sounds] == [source.sounding for source in scene.sources]
        return {}

    scenes = scenes_with_features(SoundLibrary.procedural(), look, data, 8000, seed=1)
    sounds = [next(scenes).sound for _ in range(6)]
    assert [seed % 10**6 for seed, _ in seen] == [1, 1, 1, 2, 2, 2]
    assert len({tuple(levels) for _, levels in seen}) == 6
    assert all(not np.array_equal(sounds[0], other) for other in sounds[1:])


def test_turned_scenes_turn():
    scene = random_scene(1, sources=(1, 1), room=0.0)
    turned = rotate_scene(scene, rotation_matrix(np.pi / 2))
    before, after = (s.sources[0].path.directions for s in (scene, turned))
    np.testing.assert_allclose(after[:, 1], before[:, 0], atol=1e-12)
    np.testing.assert_allclose(after[:, 0], -before[:, 1], atol=1e-12)
