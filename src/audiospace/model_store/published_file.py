"""Checkpoints in the published layout, in files of `torch.save` or of safetensors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from audiospace.errors import UserError
from audiospace.model_store.torch_file import FETCH_REMEDY, is_torch_file, read_torch_file
from audiospace.model_store.weights import check_shapes, empty_model, fill
from audiospace.models import ModelConfig, SpatialAudioModel
from audiospace.models.published import published_keys, translate_published

_PREFIX, _AVERAGED_PREFIX = "diffusion.", "diffusion_ema."
_SIGNATURE = "model.model.timestep_features.weight"  # every checkpoint of the family has it
_CONSTANT = re.compile(r"_norm\.beta$|rotary_pos_emb\.inv_freq$")  # saved, but not learned
_KINDS = {
    "cross-attention": re.compile(r"\.cross_attn\.|\.cross_attend_norm\.|\.to_cond_embed\."),
    "outputs of the conditioners": re.compile(r"\.(proj_out|global_proj)\."),
}
_CONFIG_REMEDY = (
    "Give the configuration it was made with: audiospace model convert IN OUT.safetensors --config JSON"
)


@dataclass(frozen=True)
class PublishedCheckpoint:
    """What a checkpoint holds, still in its file.

    Attributes:
        path: The file.
        state: Tensors by published name, without the prefix; mapped from the file where possible.
        averaged: How many numbers the moving average of a training checkpoint holds; it is left out.
    """

    path: Path
    state: Mapping[str, Tensor]
    averaged: int = 0


@dataclass(frozen=True)
class Dropped:
    """What of a checkpoint was not needed.

    Attributes:
        weights: Learned numbers that inference never reads.
        total: Learned numbers in all.
        kinds: What they belong to.
        averaged: Numbers of a moving average that were left out.
    """

    weights: int
    total: int
    kinds: tuple[str, ...]
    averaged: int = 0

    def __str__(self) -> str:
        sentences = []
        if self.weights:
            share = 100 * self.weights / self.total
            sentences.append(
                f"dropped {self.weights:,} of {self.total:,} weights ({share:.1f} %) "
                f"that inference never reads ({', '.join(self.kinds)})"
            )
        if self.averaged:
            sentences.append(
                f"left out the {self.averaged:,} numbers under {_AVERAGED_PREFIX} (a moving average), "
                "as the published inference does"
            )
        return "; ".join(sentences)


def is_published(path: Path) -> bool:
    """Whether a file may be a published checkpoint, by its content and not by its name.

    Args:
        path: An existing file.

    Returns:
        True for what `torch.save` writes and for safetensors with the published names.
    """
    try:
        if is_torch_file(path):
            return True
        with safe_open(path, framework="pt") as file:
            return any(key.removeprefix(_PREFIX) == _SIGNATURE for key in file.keys())
    except (SafetensorError, OSError):
        return False


def read_published(path: str | Path) -> PublishedCheckpoint:
    """Open a published checkpoint; code in it is never run.

    Args:
        path: A file of `torch.save` (a state dict, or a dict with a "state_dict"), or a flat safetensors
            file; keys with or without the prefix `diffusion.`.

    Returns:
        Its tensors.

    Raises:
        UserError: It cannot be read, holds code, or is something else.
    """
    path = Path(path)
    try:
        state = read_torch_file(path) if is_torch_file(path) else _read_safetensors(path)
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror or error})", file=path) from error
    prefixed = {key.removeprefix(_PREFIX): value for key, value in state.items() if key.startswith(_PREFIX)}
    averaged = sum(value.numel() for key, value in state.items() if key.startswith(_AVERAGED_PREFIX))
    checkpoint = PublishedCheckpoint(path, prefixed or state, averaged)
    if _SIGNATURE not in checkpoint.state:
        raise UserError(
            "neither one of this project's models nor a checkpoint in the published layout",
            file=path,
            remedy=f"It lacks the weight {_SIGNATURE}",
        )
    return checkpoint


def check_published(checkpoint: PublishedCheckpoint, config: ModelConfig) -> Dropped:
    """See whether a checkpoint fits a configuration, reading next to nothing of it.

    Args:
        checkpoint: From `read_published`.
        config: The configuration that it was made with.

    Returns:
        What of it is not needed.

    Raises:
        UserError: A weight is missing, unknown or of the wrong shape.
    """
    _translated(checkpoint, config, empty_model(config))
    return _dropped(checkpoint, config)


def published_model(
    checkpoint: PublishedCheckpoint, config: ModelConfig
) -> tuple[SpatialAudioModel, Dropped]:
    """Build the model that a checkpoint holds.

    Weights that are stored in float32 stay in the mapped file: they are read when they are used.

    Args:
        checkpoint: From `read_published`.
        config: The configuration that it was made with.

    Returns:
        The model on the CPU, in float32, and what was not needed.

    Raises:
        UserError: A weight is missing, unknown, of the wrong shape or not finite.
    """
    model = empty_model(config)
    state = _translated(checkpoint, config, model)
    fill(model, state, checkpoint.path, remedy=FETCH_REMEDY)
    return model, _dropped(checkpoint, config)


def _translated(
    checkpoint: PublishedCheckpoint, config: ModelConfig, model: SpatialAudioModel
) -> dict[str, Tensor]:
    """The weights by our names, checked against those of the model."""
    try:
        state = translate_published(checkpoint.state, config).state
    except ValueError as error:
        raise UserError(
            f"its weights do not fit the configuration {config.name!r}: {error}",
            file=checkpoint.path,
            remedy=_CONFIG_REMEDY,
        ) from error
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    names = {ours: theirs for theirs, ours in published_keys(config).items()}
    check_shapes(shapes, model, checkpoint.path, remedy=_CONFIG_REMEDY, names=names)
    return state


def _dropped(checkpoint: PublishedCheckpoint, config: ModelConfig) -> Dropped:
    used = published_keys(config)
    learned = {key: value.numel() for key, value in checkpoint.state.items() if not _CONSTANT.search(key)}
    idle = {key: count for key, count in learned.items() if key not in used}
    kinds = tuple(kind for kind, pattern in _KINDS.items() if any(pattern.search(key) for key in idle))
    return Dropped(sum(idle.values()), sum(learned.values()), kinds, checkpoint.averaged)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return {key: file.get_tensor(key) for key in file.keys()}
    except SafetensorError as error:
        raise UserError("not a readable checkpoint", file=path, remedy=FETCH_REMEDY) from error
