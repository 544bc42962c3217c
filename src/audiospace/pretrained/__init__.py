"""Models that others trained and `transformers` runs: the library, and their folders."""

from audiospace.pretrained.library import quiet, require_transformers
from audiospace.pretrained.model_folder import (
    CONFIG,
    SAFETENSORS,
    WEIGHTS,
    cached_folder,
    download_weights,
    weights_file,
)

__all__ = [
    "CONFIG",
    "SAFETENSORS",
    "WEIGHTS",
    "cached_folder",
    "download_weights",
    "quiet",
    "require_transformers",
    "weights_file",
]
