from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> Path:
    """A file with a small random model that looks at the sphere."""
    import torch

    from audiospace.model_store import save_model
    from audiospace.models import (
        ConditionerConfig,
        FeatureConfig,
        ModelConfig,
        SpatialAudioModel,
        TransformerConfig,
        VAEConfig,
    )

    config = ModelConfig(
        name="tiny",
        vae=VAEConfig(
            sample_rate=16000,
            audio_channels=4,
            channels=8,
            channel_multipliers=(1, 2),
            strides=(4, 8),
            latent_dim=8,
            patch_size=16,
        ),
        transformer=TransformerConfig(latent_dim=8, width=64, depth=1, heads=2, global_dim=16),
        conditioners=(
            ConditionerConfig(name="sphere", branch="sphere", role="additive", input_dim=4 * 29),
            ConditionerConfig(name="panorama", branch="panorama", role="global", input_dim=28),
        ),
        features=FeatureConfig(encoder="efficientnet-lite0", frames_per_second=1.0, tile_count=24),
        window_seconds=2.0,
        guidance_scale=2.0,
        steps=2,
    )
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    model = SpatialAudioModel(config)
    with torch.no_grad():
        for parameter in model.transformer.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    save_model(model, path)
    return path


def panorama(height: int = 128, column: float = 0.25, seed: int = 0) -> np.ndarray:
    """A noisy equirectangular frame with a bright disc."""
    generator = np.random.default_rng(seed)
    image = generator.integers(60, 120, (height, 2 * height, 3), dtype=np.uint8)
    rows, columns = np.mgrid[:height, : 2 * height]
    disc = (rows - height / 2) ** 2 + (columns - column * 2 * height) ** 2 < (height / 8) ** 2
    image[disc] = (250, 220, 40)
    return image


@pytest.fixture(scope="session")
def tiny_video(tmp_path_factory) -> Path:
    """A silent equirectangular video of 1.25 seconds at 12 frames per second."""
    from audiospace.media import write_video

    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    frames = [panorama(column=0.25 + index / 60, seed=index) for index in range(15)]
    return write_video(path, frames, frames_per_second=12, height=128, width=256)


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory) -> Path:
    """A folder with a small random CLIP model, both halves, as `transformers` saves it."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    half = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    words = {"vocab_size": 64, "bos_token_id": 0, "eos_token_id": 1}
    picture = {"image_size": 224, "patch_size": 14, "hidden_act": "quick_gelu"}
    config = CLIPConfig(text_config={**half, **words}, vision_config={**half, **picture}, projection_dim=24)
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("clip")
    model = CLIPModel(config)
    with torch.no_grad():  # as they are initialised, all pictures look alike
        for parameter in model.vision_model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def _private_cache(tmp_path_factory):
    """Keep features that tests compute out of the user's cache."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()
