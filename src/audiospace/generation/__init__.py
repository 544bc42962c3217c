"""From a video to its sound."""

from audiospace.generation.batch import BatchResult, generate_batch
from audiospace.generation.batch_work import Outcome
from audiospace.generation.conversion import Conversion, convert
from audiospace.generation.levels import DELIVERY_RATE
from audiospace.generation.options import GenerateOptions
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
    "BatchResult",
    "Conversion",
    "GenerateOptions",
    "ModelIdentity",
    "Outcome",
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
    "generate_batch",
    "plan_windows",
    "sample_latents",
    "windowed_velocity",
]
