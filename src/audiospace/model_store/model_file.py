"""One file holds a model: safetensors weights, with the configuration they belong to in the metadata."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from audiospace.errors import UserError
from audiospace.media import writing
from audiospace.model_store.weights import check_shapes, empty_model, fill
from audiospace.models import ModelConfig, SpatialAudioModel, is_folded

FORMAT = "audiospace-model-1"
RETRIEVE = "Get the file again, or train and save the model anew"
_PRECISIONS = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # as safetensors names them
_METADATA_KEY = "audiospace"  # one key only: the format keeps no order, and the same model is the same file


@dataclass(frozen=True)
class ModelHeader:
    """What a model file says of itself.

    Attributes:
        config: Of the model.
        folded: Whether its autoencoder is without weight norm.
        notes: What was written beside the weights: how it was trained, licences.
        precisions: How its weights are stored, such as "float32", sorted.
    """

    config: ModelConfig
    folded: bool
    notes: dict[str, str]
    precisions: tuple[str, ...]


def save_model(
    model: SpatialAudioModel,
    path: str | Path,
    *,
    dtype: torch.dtype | None = None,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write a model, its configuration included.

    Args:
        model: On any device; with or without folded weight norm, which is remembered.
        path: Of the file to write; appears only when complete.
        dtype: Precision of the stored weights, such as `torch.float16`; by default that of the model.
        notes: Anything to keep beside the weights: how it was trained, licences.

    Raises:
        UserError: The file cannot be written, or a weight is too large for the precision.
    """
    path = Path(path)
    state = {
        key: value.detach().to("cpu", dtype or value.dtype).contiguous()
        for key, value in model.state_dict().items()
    }
    if dtype == torch.float16:
        for key, value in state.items():
            if not bool(torch.isfinite(value).all()):
                raise UserError(f"the weight {key} does not fit into float16", remedy="Use bfloat16")
    header = {
        "format": FORMAT,
        "config": model.config.to_dict(),
        "folded": is_folded(model),
        "notes": dict(notes or {}),
    }
    try:
        with writing(path) as temporary:
            save_file(state, temporary, {_METADATA_KEY: json.dumps(header)})
    except (OSError, SafetensorError) as error:
        raise UserError(f"cannot write the model ({error})", file=path) from error


def is_model_file(path: Path) -> bool:
    """Whether a file is safetensors with this project's metadata, of any version."""
    try:
        with safe_open(path, framework="pt") as file:
            return _METADATA_KEY in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def read_header(path: Path) -> ModelHeader:
    """Read what a model file says of itself, and check that its weights fit.

    Args:
        path: The file.

    Returns:
        Its configuration and notes.

    Raises:
        UserError: The file is corrupt, of another kind, or its weights do not fit its configuration.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            values = _metadata((file.metadata() or {}).get(_METADATA_KEY, ""), path)
            slices = {key: file.get_slice(key) for key in file.keys()}
            shapes = {key: tuple(entry.get_shape()) for key, entry in slices.items()}
            stored = {str(entry.get_dtype()) for entry in slices.values()}
    except SafetensorError as error:
        raise UserError(f"not a readable model file ({error})", file=path, remedy=RETRIEVE) from error
    except OSError as error:
        raise UserError(f"cannot read the model ({error})", file=path) from error
    try:
        config = ModelConfig.from_dict(values.get("config", {}))
    except ValueError as error:
        raise UserError(f"its configuration cannot be used: {error}", file=path, remedy=RETRIEVE) from error
    precisions = tuple(sorted(_PRECISIONS.get(name, name) for name in stored))
    header = ModelHeader(config, bool(values.get("folded")), dict(values.get("notes", {})), precisions)
    check_shapes(shapes, empty_model(config, folded=header.folded), path, remedy=RETRIEVE)
    return header


def read_model(path: Path) -> tuple[SpatialAudioModel, ModelHeader]:
    """Read a model file.

    Args:
        path: The file.

    Returns:
        The model on the CPU, in float32, and what the file says of itself.

    Raises:
        UserError: As `read_header`, or a weight is not finite.
    """
    header = read_header(path)
    model = empty_model(header.config, folded=header.folded)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            state = {key: file.get_tensor(key) for key in file.keys()}
    except (SafetensorError, OSError) as error:
        raise UserError(f"cannot read the model ({error})", file=path, remedy=RETRIEVE) from error
    fill(model, state, path, remedy=RETRIEVE)
    return model, header


def _metadata(text: str, path: Path) -> dict[str, dict[str, str]]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise UserError(
            "a safetensors file, but not one of this project's models",
            file=path,
            remedy="Its metadata lacks a configuration: use a file written by save_model",
        )
    return values
