"""Which of the video's branches a model reads: one model, all the ablations."""

import dataclasses

from audiospace.errors import UserError
from audiospace.models import ConditionerConfig, SpatialAudioModel
from audiospace.training.config import BranchConfig, Panorama
from audiospace.training.latent_rotation import SPHERE
from audiospace.vision import CUBEMAP

FIELD_OF_VIEW = "fov"
SPHERICAL = "spherical"
PANORAMIC: dict[Panorama, str] = {"sphere": SPHERE, "erp": "panorama", "eac": CUBEMAP}
"""From the name in a configuration to that of the branch of features."""
MOMENTS = 4


def with_branches(model: SpatialAudioModel, branches: BranchConfig) -> SpatialAudioModel:
    """Change what a model reads of the video, before it is trained to.

    Every conditioner that reads a panoramic branch reads the one asked for, in the same role.

    Args:
        model: The model.
        branches: Which branches.

    Returns:
        The model itself where nothing changes, or a new one with the same weights but for the conditioners
        that read something else, whose weights are random.

    Raises:
        UserError: Nothing would be read, or the model has no panoramic conditioner to change.
    """
    conditioners = conditioners_for(model.config.conditioners, branches)
    if conditioners == model.config.conditioners:
        return model
    other = SpatialAudioModel(dataclasses.replace(model.config, conditioners=conditioners))
    names = other.state_dict().keys()
    kept = {name: value for name, value in model.state_dict().items() if name in names}
    other.load_state_dict(kept, strict=False)
    return other


def conditioners_for(
    conditioners: tuple[ConditionerConfig, ...], branches: BranchConfig
) -> tuple[ConditionerConfig, ...]:
    """Change conditioners to read the branches asked for.

    Args:
        conditioners: As a model is configured.
        branches: Which branches.

    Returns:
        Those that are left, each with its role.

    Raises:
        UserError: None is left, or there is no panoramic one that can be changed.
    """
    left = tuple(changed for old in conditioners if (changed := _changed(old, branches)) is not None)
    if not left:
        raise UserError("no branch of the video is left", remedy="Choose others under 'branches'")
    wanted = PANORAMIC.get(branches.panorama)
    if wanted is not None and all(conditioner.branch != wanted for conditioner in left):
        raise UserError(f"the model has no panoramic conditioner to read '{branches.panorama}'")
    return left


def _changed(conditioner: ConditionerConfig, branches: BranchConfig) -> ConditionerConfig | None:
    """The conditioner as the branches ask for it, or None where it is left out."""
    if conditioner.branch == FIELD_OF_VIEW:
        return conditioner if branches.field_of_view else None
    if branches.panorama == "none":
        return None
    wanted = PANORAMIC.get(branches.panorama, conditioner.branch)
    if wanted == conditioner.branch:
        return conditioner
    if conditioner.role == SPHERICAL:
        raise UserError(
            f"the conditioner '{conditioner.name}' reads directions, which only spherical moments have",
            remedy="Take a model whose conditioners are additive or global",
        )
    width = _picture_width(conditioner)
    return dataclasses.replace(
        conditioner,
        name=f"{wanted}_{conditioner.role}",
        branch=wanted,
        input_dim=MOMENTS * (width + 1) if wanted == SPHERE else width,
    )


def _picture_width(conditioner: ConditionerConfig) -> int:
    """Numbers that the frame encoder gives for a picture; tiles, and so moments, have one more for motion."""
    return conditioner.input_dim // MOMENTS - 1 if conditioner.branch == SPHERE else conditioner.input_dim
