"""One file holds a model: safetensors weights, with the configuration they belong to in the metadata."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import torch
import yaml
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from audiospace.errors import UserError
from audiospace.media import writing
from audiospace.models import ModelConfig, SpatialAudioModel, fold_weight_norm, is_folded

FORMAT = "audiospace-model-1"
_METADATA_KEY = "audiospace"  # one key only: the format keeps no order, and the same model is the same file
_SUFFIX = ".safetensors"
_RETRIEVE = "Get the file again, or train and save the model anew"


@dataclass(frozen=True)
class LoadedModel:
    """A model ready for use.

    Attributes:
        model: In evaluation mode, in float32.
        name: From its configuration.
        sha256: Of the file, in hexadecimal.
        notes: What was written beside the weights: how it was trained, licences.
    """

    model: SpatialAudioModel
    name: str
    sha256: str
    notes: Mapping[str, str]


def presets_folder() -> Path:
    """Where the package keeps its configurations (.yaml) and the weights that ship with it (.safetensors)."""
    return Path(str(resources.files("audiospace"))) / "presets"


def shipped_models() -> tuple[str, ...]:
    """Names that `load_model` knows without a path, sorted."""
    return tuple(sorted(path.stem for path in presets_folder().glob(f"*{_SUFFIX}")))


def load_config(name_or_path: str | Path) -> ModelConfig:
    """Read a model's configuration from YAML.

    Args:
        name_or_path: A preset's name, such as "omniaudio", or the path of a .yaml file.

    Returns:
        The configuration.

    Raises:
        UserError: There is no such file or it does not describe a model.
    """
    preset = presets_folder() / f"{name_or_path}.yaml"
    path = preset if preset.is_file() else Path(name_or_path)
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        return ModelConfig.from_dict(values)
    except OSError as error:
        raise UserError(f"cannot read the configuration ({error.strerror})", file=path) from error
    except (ValueError, yaml.YAMLError) as error:
        raise UserError(f"not a model configuration: {error}", file=path) from error


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
        UserError: The file cannot be written.
    """
    path = Path(path)
    state = {
        key: value.detach().to("cpu", dtype or value.dtype).contiguous()
        for key, value in model.state_dict().items()
    }
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


def load_model(
    name_or_path: str | Path, device: str | torch.device = "cpu", *, fold: bool = True
) -> LoadedModel:
    """Read a model.

    Args:
        name_or_path: The name of a model that ships with the package, or the path of a file.
        device: Where the model is put.
        fold: Whether the autoencoder's weight norm is folded away, for speed; leave it in to train on.

    Returns:
        The model, in evaluation mode and float32, with its identity.

    Raises:
        UserError: There is no such model, or the file is corrupt, of another kind, or lacks weights.
    """
    path = _find(name_or_path)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            header = _read_header((file.metadata() or {}).get(_METADATA_KEY, ""), path)
            model = _empty_model(header)
            _check_shapes({key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}, model, path)
            state = {key: file.get_tensor(key).float() for key in file.keys()}
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except SafetensorError as error:
        raise UserError(f"not a readable model file ({error})", file=path, remedy=_RETRIEVE) from error
    except OSError as error:
        raise UserError(f"cannot read the model ({error})", file=path) from error
    _check_finite(state, path)
    model.load_state_dict(state, strict=True, assign=True)
    if fold:
        fold_weight_norm(model)
    model = model.to(device).eval()
    return LoadedModel(model, model.config.name, sha256, header.notes)


def _find(name_or_path: str | Path) -> Path:
    shipped = shipped_models()
    if str(name_or_path) in shipped:
        return presets_folder() / f"{name_or_path}{_SUFFIX}"
    path = Path(name_or_path)
    if path.is_file():
        return path
    known = ", ".join(shipped) or "none"
    what = "is a folder, not a model file" if path.is_dir() else "there is no such model"
    raise UserError(
        what, file=path, remedy=f"Give a {_SUFFIX} file or the name of a model that ships here: {known}"
    )


@dataclass(frozen=True)
class _Header:
    config: ModelConfig
    folded: bool
    notes: dict[str, str]


def _read_header(text: str, path: Path) -> _Header:
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
    try:
        config = ModelConfig.from_dict(values.get("config", {}))
    except ValueError as error:
        raise UserError(f"its configuration cannot be used: {error}", file=path, remedy=_RETRIEVE) from error
    return _Header(config, bool(values.get("folded")), dict(values.get("notes", {})))


def _empty_model(header: _Header) -> SpatialAudioModel:
    """A model of the file's configuration whose weights have shapes but no memory yet."""
    with torch.device("meta"):
        model = SpatialAudioModel(header.config)
    if header.folded:
        fold_weight_norm(model)
    return model


def _check_shapes(found: Mapping[str, tuple[int, ...]], model: SpatialAudioModel, path: Path) -> None:
    expected = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    if found == expected:
        return
    missing, unknown = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    wrong = sorted(key for key in expected.keys() & found.keys() if expected[key] != found[key])
    if missing:
        what = f"{len(missing)} weights are missing, first {missing[0]}"
    elif unknown:
        what = f"{len(unknown)} weights are unknown, first {unknown[0]}"
    else:
        what = f"{wrong[0]} has shape {found[wrong[0]]} where {expected[wrong[0]]} belongs"
    raise UserError(f"its weights do not fit its configuration: {what}", file=path, remedy=_RETRIEVE)


def _check_finite(state: Mapping[str, Tensor], path: Path) -> None:
    for key, value in state.items():
        if not bool(torch.isfinite(value).all()):
            raise UserError(f"the weight {key} is not finite", file=path, remedy=_RETRIEVE)
