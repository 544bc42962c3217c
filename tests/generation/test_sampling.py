from dataclasses import replace

import numpy as np
import pytest
import torch

from audiospace.generation import SamplerSettings, decode_latents, sample_latents
from audiospace.generation.sampling import decoded_blocks, noise_like_latents
from audiospace.generation.windows import CHUNK_SECONDS
from audiospace.model_store import load_config, load_model
from audiospace.models import SpatialAudioModel


@pytest.fixture
def model(tiny_model):
    return load_model(tiny_model).model


def features(seconds, seed=0):
    generator = np.random.default_rng(seed)
    return {
        "sphere": generator.standard_normal((seconds, 4, 29)).astype(np.float32),
        "panorama": generator.standard_normal((seconds, 28)).astype(np.float32),
    }


@pytest.mark.parametrize("seconds", [0.01, 1.0, 1.3, 7.7])
def test_latents_are_enough_and_not_more_than_a_frame_too_many(model, seconds):
    settings = SamplerSettings(steps=1, guidance=1.0, seed=0)
    latents = sample_latents(model, features(max(1, round(seconds))), seconds, settings)
    vae = model.config.vae
    length = latents.shape[-1] * vae.hop
    assert 0 <= length - seconds * vae.sample_rate < vae.hop
    assert decode_latents(model, latents).shape == (4, length)


def test_seed_decides_the_noise(model):
    assert torch.equal(noise_like_latents(model, 9, 4), noise_like_latents(model, 9, 4))
    assert not torch.equal(noise_like_latents(model, 9, 4), noise_like_latents(model, 9, 5))
    assert noise_like_latents(model, 20_000, 0).std() == pytest.approx(1, abs=0.01)


def test_features_and_guidance_change_the_latents(model):
    plain = sample_latents(model, features(1), 1.0, SamplerSettings(2, 1.0, 0))
    guided = sample_latents(model, features(1), 1.0, SamplerSettings(2, 4.0, 0))
    other = sample_latents(model, features(1, seed=1), 1.0, SamplerSettings(2, 1.0, 0))
    assert not torch.allclose(plain, guided, atol=1e-4)
    assert not torch.allclose(plain, other, atol=1e-4)


def test_decoded_in_blocks_it_is_the_same_sound(model):
    model.latent_mean.add_(0.5)
    chunk = round(CHUNK_SECONDS * model.config.vae.frame_rate)
    frames = 2 * chunk + 3
    latents = torch.randn(1, 8, frames, generator=torch.Generator().manual_seed(0))
    seen, blocks = [], []
    for block in decoded_blocks(model, latents, lambda *step: seen.append(step)):
        assert not torch.is_inference_mode_enabled()
        blocks.append(block)
    assert len(blocks) == 3
    assert np.array_equal(np.concatenate(blocks, axis=1), decode_latents(model, latents))
    assert seen == [(chunk, frames), (2 * chunk, frames), (frames, frames)]


def test_directions_of_a_long_sound_are_drawn_towards_the_expected():
    torch.manual_seed(0)
    config = load_config("mini")
    model = SpatialAudioModel(replace(config, transformer=replace(config.transformer, depth=1))).eval()
    for weight in model.transformer.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    made = {}
    for share in (0.0, 0.5, 1.0):
        model.config = replace(model.config, expected_directions=share, window_seconds=2.0)
        made[share] = sample_latents(model, features(20), 5.0, SamplerSettings(2, 3.0, 0))
    content = config.transformer.content_dim
    assert torch.equal(made[1.0][:, :content], made[0.0][:, :content])
    middle = (made[0.0] + made[1.0]) / 2
    torch.testing.assert_close(made[0.5], middle)
    assert not torch.allclose(made[0.0], made[1.0], atol=0.1)
    other = sample_latents(model, features(20), 5.0, SamplerSettings(2, 1.0, 0))
    # guidance changes what is sampled, not what is expected
    torch.testing.assert_close(other[:, content:], made[1.0][:, content:])
