"""Configurations by name or from a file: this project's own YAML, or the JSON of stable-audio-tools."""

from importlib import resources
from pathlib import Path

import yaml

from audiospace.errors import UserError
from audiospace.model_store.stable_audio import config_from_stable_audio, is_stable_audio
from audiospace.models import ModelConfig


def presets_folder() -> Path:
    """Where the package keeps its configurations (.yaml) and the weights that ship with it (.safetensors)."""
    return Path(str(resources.files("audiospace"))) / "presets"


def load_config(name_or_path: str | Path) -> ModelConfig:
    """Read a model's configuration.

    Args:
        name_or_path: A preset's name, such as "omniaudio", the path of a YAML file, or that of a JSON file of
            stable-audio-tools (see `config_from_stable_audio`), which gives the model its own name.

    Returns:
        The configuration.

    Raises:
        UserError: There is no such file, it does not describe a model, or it asks for something unsupported.
    """
    preset = presets_folder() / f"{name_or_path}.yaml"
    path = preset if preset.is_file() else Path(name_or_path)
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is YAML too
        if is_stable_audio(values):
            return config_from_stable_audio(values, path.stem)
        return ModelConfig.from_dict(values)
    except OSError as error:
        raise UserError(f"cannot read the configuration ({error.strerror})", file=path) from error
    except (ValueError, yaml.YAMLError) as error:
        raise UserError(f"not a model configuration: {error}", file=path) from error
