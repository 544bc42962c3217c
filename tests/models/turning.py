"""A small equivariant model, something for it to see, and turns of both."""

import torch
from scipy.spatial.transform import Rotation

from audiospace.models import (
    ConditionerConfig,
    FeatureConfig,
    ModelConfig,
    ParametricVAEConfig,
    SpatialAudioModel,
    TransformerConfig,
)

CONFIG = ModelConfig(
    name="test",
    vae=ParametricVAEConfig(
        sample_rate=16000, content_dim=10, direction_bands=3, spectral_bands=16, hop=512, fft_hop=128,
        fine_width=16, coarse_width=16, depth=1,
    ),
    transformer=TransformerConfig(
        latent_dim=19, width=64, depth=2, heads=2, global_dim=8, span_context=True,
        vectors=3, vector_width=8, seen_vectors=13,
    ),
    conditioners=(ConditionerConfig("sphere", "sphere", "spherical", input_dim=20),),
    features=FeatureConfig("none", 4.0),
)  # fmt: skip
TO_YZX = torch.tensor([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])


def shaken() -> SpatialAudioModel:
    """A model none of whose weights is zero."""
    torch.manual_seed(0)
    model = SpatialAudioModel(CONFIG)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.15)
    return model.eval()


def drawn() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Noisy latents, flow times, and moments."""
    generator = torch.Generator().manual_seed(1)
    moments = 0.02 * torch.randn(2, 8, 4, 5, generator=generator)
    moments[:, :, 0] = moments[:, :, 0].abs() + 0.02
    return torch.randn(2, 19, 12, generator=generator), torch.rand(2, generator=generator), moments


def turn(angles: list[float]) -> torch.Tensor:
    """Rotation by z, y, x angles on vectors in the order y, z, x."""
    return TO_YZX @ torch.from_numpy(Rotation.from_euler("zyx", angles).as_matrix()).float() @ TO_YZX.T


def turned_latents(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    vectors = torch.einsum("ij,bkjt->bkit", matrix, x[:, 10:].reshape(len(x), 3, 3, -1))
    return torch.cat((x[:, :10], vectors.reshape(len(x), 9, -1)), dim=1)


def turned_moments(moments: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    return torch.cat((moments[:, :, :1], torch.einsum("ij,btjc->btic", matrix, moments[:, :, 1:])), dim=2)
