"""Models as files: this project's own format, the published one, and where a model's name leads."""

from audiospace.model_store.configuration import load_config, presets_folder
from audiospace.model_store.conversion import PRECISIONS, Converted, convert_checkpoint
from audiospace.model_store.description import ModelDescription, describe_model
from audiospace.model_store.doctor import Diagnosis, examine
from audiospace.model_store.listing import ListedModel, list_models
from audiospace.model_store.loading import LoadedModel, Located, load_model, obtain, shipped_models
from audiospace.model_store.model_file import save_model
from audiospace.model_store.progress import OnProgress
from audiospace.model_store.stable_audio import config_from_stable_audio

__all__ = [
    "PRECISIONS",
    "Converted",
    "Diagnosis",
    "ListedModel",
    "LoadedModel",
    "Located",
    "ModelDescription",
    "OnProgress",
    "config_from_stable_audio",
    "convert_checkpoint",
    "describe_model",
    "examine",
    "list_models",
    "load_config",
    "load_model",
    "obtain",
    "presets_folder",
    "save_model",
    "shipped_models",
]
