"""A model and sizes that let every row be trained in a moment."""

from pathlib import Path

import pytest
import torch
import yaml

from audiospace.model_store import save_model
from audiospace.models import FeatureConfig, ModelConfig, ParametricVAEConfig, SpatialAudioModel
from audiospace.models.config import TransformerConfig

SIZE = {
    "seconds": 1.0, "width": 64, "depth": 1, "heads": 2, "vector_width": 4, "batch_size": 2,
    "learning_rate": 1e-3, "coarse_steps": 2, "fine_steps": 2, "finetune_steps": 3, "fields": 2, "scenes": 3,
    "validation_scenes": 2, "test_scenes": 3, "solver_steps": 2, "seeds": 1,
}  # fmt: skip


@pytest.fixture
def size_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(SIZE))
    return path


@pytest.fixture(scope="session")
def parametric_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file with random weights, whose latents name directions."""
    vae = ParametricVAEConfig(
        sample_rate=16000, content_dim=8, direction_bands=2, spectral_bands=8, hop=1024, fft_hop=256,
        fine_width=8, coarse_width=8, depth=1,
    )  # fmt: skip
    transformer = TransformerConfig(vae.latent_dim, 64, 1, 2, 8)
    torch.manual_seed(0)
    model = SpatialAudioModel(
        ModelConfig("small", vae, transformer, (), FeatureConfig("efficientnet-lite0", 4.0, 24), 1.0)
    )
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    save_model(model, path)
    return path
