"""Models as files: this project's own format, and where a model's name leads."""

from audiospace.model_store.model_file import (
    LoadedModel,
    load_config,
    load_model,
    presets_folder,
    save_model,
    shipped_models,
)

__all__ = [
    "LoadedModel",
    "load_config",
    "load_model",
    "presets_folder",
    "save_model",
    "shipped_models",
]
