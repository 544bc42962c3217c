"""From a video to its sound."""

from audiospace.generation.batch import BatchResult, generate_batch
from audiospace.generation.batch_work import Outcome
from audiospace.generation.conversion import Conversion, convert
from audiospace.generation.generator import Assignment, Generator, Made, ModelIdentity, make_sound
from audiospace.generation.glance import glance_at
from audiospace.generation.levels import DELIVERY_RATE
from audiospace.generation.model_generator import ModelGenerator, open_model
from audiospace.generation.options import DeliveryOptions, GenerateOptions
from audiospace.generation.pipeline import generate, generate_with
from audiospace.generation.result import Result, ResultFiles, Settings
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
    "Assignment",
    "BatchResult",
    "Conversion",
    "DeliveryOptions",
    "GenerateOptions",
    "Generator",
    "Made",
    "ModelGenerator",
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
    "generate_with",
    "glance_at",
    "make_sound",
    "open_model",
    "plan_windows",
    "sample_latents",
    "windowed_velocity",
]
