"""What can be chosen about generating and delivering a sound."""

from dataclasses import dataclass
from typing import Literal

from audiospace.media import Original
from audiospace.models import ALWAYS
from audiospace.vision import Preprocessing

Container = Literal["mp4", "webm", "mov"]


@dataclass(frozen=True)
class DeliveryOptions:
    """How a video is looked at and delivered, whatever makes its sound.

    Attributes:
        projection: How the video shows the sphere; read from the file if "auto".
        rotate: Radians by which the scene is turned to the left before it is looked at. The sound files and
            the energy video are of the turned scene; the spatial video keeps its picture, and its sound stays
            on it.
        format: Container of the spatial video: "mp4", "webm" or "mov".
        original: What becomes of the video's own sound in the spatial video: dropped, mixed into the
            ambisonics ("mix"), or kept beside them as stereo that does not turn with the head ("head-locked";
            the sound of an MP4 is then Opus, not AAC). The other files hold the generated sound alone.
    """

    projection: Literal["auto", "erp", "eac"] = "auto"
    rotate: float = 0.0
    format: Container = "mp4"
    original: Original = "drop"


@dataclass(frozen=True)
class GenerateOptions(DeliveryOptions):
    """How a model makes sounds, and how they are delivered.

    Attributes:
        steps: Solver steps; the model's own default if None, or a quarter of it with `fast`.
        guidance: Strength of classifier-free guidance; the model's own default if None.
        seed: Seed of the noise; another one gives another sound.
        device: "auto", "cpu", "cuda", ...
        fast: Whether to choose, where nothing else is said, the solver and the precision that are fastest at
            no lesser quality: the midpoint method, and for large models 8 or 16 bits where the device
            computes in them.
        solver: "euler" (as published), "midpoint" or "adams-bashforth"; the model's own if None and not fast.
        precision: Of the transformer's matrix products: "auto", "float32", "bfloat16", "float16", "int8".
        guidance_interval: Flow times (1 is noise, 0 is sound) between which guidance acts; elsewhere it costs
            nothing.
        guide_global: Whether guidance strengthens the model's global condition too; not so as published.
        features: How pictures reach the frame encoder: "direct", or "published", through JPEG files as the
            authors of the published model did it; what the model was trained with if None.
    """

    steps: int | None = None
    guidance: float | None = None
    seed: int = 0
    device: str = "auto"
    fast: bool = False
    solver: str | None = None
    precision: str = "auto"
    guidance_interval: tuple[float, float] = ALWAYS
    guide_global: bool = False
    features: Preprocessing | None = None
