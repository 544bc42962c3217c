"""Turning what is heard and what is seen of an item together, where a model's latents can be turned."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from audiospace.ambisonics import foa_matrix, rotation_matrix
from audiospace.models import ModelConfig, ParametricVAEConfig
from audiospace.training.config import StageName
from audiospace.training.latents import LatentSet

SPHERE = "sphere"

TurnLatents = Callable[[Tensor, Tensor], Tensor]
"""Turns latents (items, latent_dim, frames) by rotation matrices (items, 3, 3) on (x, y, z)."""


def turning(stage: StageName, config: ModelConfig) -> TurnLatents | None:
    """Say how latents turn, where random rotations belong to the stage and leave what is seen true.

    Args:
        stage: Which stage.
        config: The model. Of autoencoders only the parametric one has latents that turn, of the video's
            branches only the spherical moments.

    Returns:
        What turns latents in `fine`, and in `finetune` of a model that reads moments alone; else None, and
        only prepared orientations (`data.rotations`) are seen.
    """
    vae = config.vae
    if not isinstance(vae, ParametricVAEConfig) or stage not in ("fine", "finetune"):
        return None
    if stage == "finetune" and any(conditioner.branch != SPHERE for conditioner in config.conditioners):
        return None
    return partial(turn_directions, content_dim=vae.content_dim)


def turn_directions(latents: Tensor, matrices: Tensor, *, content_dim: int) -> Tensor:
    """Turn the latents of a parametric autoencoder, which are content and then direction vectors.

    Args:
        latents: Shape (items, latent_dim, frames), the vectors in the order y, z, x.
        matrices: Rotations on (x, y, z), shape (items, 3, 3).
        content_dim: Number of latents that do not turn.

    Returns:
        Latents of the turned sound fields.
    """
    blocks = torch.from_numpy(foa_matrix(matrices.cpu().numpy())[:, 1:, 1:]).to(latents)
    vectors = torch.unflatten(latents[:, content_dim:], 1, (-1, 3))
    turned_vectors = torch.einsum("nij,nbjt->nbit", blocks, vectors)
    return torch.cat((latents[:, :content_dim], turned_vectors.flatten(1, 2)), dim=1)


def random_turn(stage: StageName, generator: torch.Generator) -> NDArray[np.float64]:
    """Draw a rotation: any for sound alone, one about the vertical axis where the video has an upright.

    Args:
        stage: Which stage.
        generator: Source of randomness.

    Returns:
        Rotation matrix, shape (3, 3). Without video it is uniform over all rotations (from a normalised
        quaternion of normal numbers; Marsaglia 1972).
    """
    if stage == "finetune":
        return rotation_matrix(float(torch.rand((), generator=generator)) * 2 * np.pi)
    quaternion = torch.randn(4, generator=generator).double().numpy()
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def turned(items: LatentSet, turn: TurnLatents, rotations: Sequence[NDArray[np.float64]]) -> LatentSet:
    """Turn latents and spherical moments, each item by its own rotation.

    Args:
        items: The items; moments have shape (items, T, 4, C) in AmbiX order.
        turn: Turns latents of the model.
        rotations: One matrix per item, shape (3, 3).

    Returns:
        The turned items; features of other branches stay as they are.
    """
    matrices = np.stack(rotations)
    latents = turn(items.latents, torch.from_numpy(matrices).to(items.latents))
    features = dict(items.features)
    if SPHERE in features:
        harmonics = torch.from_numpy(foa_matrix(matrices)).to(features[SPHERE])
        features[SPHERE] = torch.einsum("nij,ntjc->ntic", harmonics, features[SPHERE])
    return LatentSet(latents, features)
