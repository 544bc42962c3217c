"""From a video to its sound."""

from audiospace.generation.conversion import Conversion, convert
from audiospace.generation.levels import DELIVERY_RATE
from audiospace.generation.model_file import (
    LoadedModel,
    load_config,
    load_model,
    presets_folder,
    save_model,
    shipped_models,
)
from audiospace.generation.pipeline import generate
from audiospace.generation.result import ModelIdentity, Result, ResultFiles, Settings
from audiospace.generation.sampling import SamplerSettings, decode_latents, sample_latents
from audiospace.generation.windows import (
    Window,
    decode_in_chunks,
    encode_in_chunks,
    plan_windows,
    windowed_velocity,
)

__all__ = [
    "DELIVERY_RATE",
    "Conversion",
    "LoadedModel",
    "ModelIdentity",
    "Result",
    "ResultFiles",
    "SamplerSettings",
    "Settings",
    "Window",
    "convert",
    "decode_in_chunks",
    "decode_latents",
    "encode_in_chunks",
    "generate",
    "load_config",
    "load_model",
    "plan_windows",
    "presets_folder",
    "sample_latents",
    "save_model",
    "shipped_models",
    "windowed_velocity",
]
