"""The network of a row, around an autoencoder that all rows share."""

import torch

from audiospace.errors import UserError
from audiospace.models import (
    Autoencoder,
    ConditionerConfig,
    FeatureConfig,
    ModelConfig,
    ParametricVAE,
    SpatialAudioModel,
    TransformerConfig,
)
from audiospace.models.config import SPHERICAL_MIXTURES
from audiospace.reproduction.config import EQUIVARIANT, SPHERICAL, Reading, Size, Variant
from audiospace.reproduction.data import FRAMES_PER_SECOND, TILE_COUNT
from audiospace.training.finetune import share_directions, standardise_conditions
from audiospace.training.latents import LatentSet

GLOBAL_DIM = 64
SPHERE = "sphere"
SIMULATED_ENCODER = "efficientnet-lite0"
"""The frame encoder whose features are simulated."""


def check_autoencoder(variant: Variant, vae: Autoencoder) -> None:
    """Check that a row's network can work with the latents of an autoencoder.

    Args:
        variant: The row.
        vae: The autoencoder.

    Raises:
        UserError: The network needs directions among the latents, and the autoencoder has none.
    """
    if variant.network == EQUIVARIANT and not isinstance(vae, ParametricVAE):
        raise UserError(
            "the latents of this autoencoder do not name directions, which the equivariant network needs",
            remedy="Give a --model whose autoencoder is parametric",
        )


def build_network(
    variant: Variant, size: Size, vae: Autoencoder, items: LatentSet, seed: int, *, with_video: bool
) -> SpatialAudioModel:
    """Make the network of a row with random weights.

    Args:
        variant: Which network, and what it reads.
        size: How large it is.
        vae: The autoencoder, which is not trained.
        items: Training items with video: the scale of the latents and of the features is theirs.
        seed: Of the weights.
        with_video: Whether it reads anything of the video.

    Returns:
        The model.

    Raises:
        UserError: The network needs directions among the latents, and the autoencoder has none.
    """
    check_autoencoder(variant, vae)
    vectors = vae.config.direction_bands if isinstance(vae, ParametricVAE) else 0
    transformer = TransformerConfig(
        latent_dim=vae.config.latent_dim,
        width=size.width,
        depth=size.depth,
        heads=size.heads,
        global_dim=GLOBAL_DIM,
        span_context=True,
        vectors=vectors if variant.network == EQUIVARIANT else 0,
        vector_width=size.vector_width,
        seen_vectors=_categories(items) + SPHERICAL_MIXTURES if variant.network == EQUIVARIANT else 0,
    )
    config = ModelConfig(
        name="reproduction",
        vae=vae.config,
        transformer=transformer,
        conditioners=tuple(_conditioner(reading, items) for reading in variant.reads if with_video),
        features=FeatureConfig(SIMULATED_ENCODER, FRAMES_PER_SECOND, TILE_COUNT),
        window_seconds=size.seconds,
        guidance_scale=size.guidance,
        steps=size.solver_steps,
    )
    torch.manual_seed(seed)
    model = SpatialAudioModel(config)
    model.vae = vae
    model.vae.requires_grad_(requires_grad=False)
    model.fit_scale(items.latents.float())
    standardise_conditions(model, items)
    share_directions(model, torch.Generator().manual_seed(seed))
    return model


def _conditioner(reading: Reading, items: LatentSet) -> ConditionerConfig:
    numbers = items.features[reading.branch][0, 0].numel()
    name = f"{reading.branch}_{reading.role}"
    return ConditionerConfig(name, reading.branch, reading.role, numbers, reading.role != SPHERICAL)


def _categories(items: LatentSet) -> int:
    """Categories, with motion, that the spherical moments tell apart."""
    return items.features[SPHERE].shape[-1]
