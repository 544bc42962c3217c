"""A model brought to the form it runs in, and the settings that it runs with."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from audiospace.generation.look import choose_preprocessing
from audiospace.generation.options import GenerateOptions
from audiospace.generation.request import choose_device
from audiospace.generation.sampling import SamplerSettings
from audiospace.kernels import Precision, choose_precision
from audiospace.model_store import LoadedModel, OnProgress, load_model
from audiospace.models import ModelConfig, prepare_for_inference
from audiospace.vision import Preprocessing

LARGE = 512
"""Width of a transformer from which fewer bits pay: below, quantising takes as long as it saves."""
STEPS_SAVED = 4
"""The midpoint method comes nearer to the exact flow than Euler's in four times as many steps."""


@dataclass(frozen=True)
class ModelSettings:
    """How a model makes a sound.

    Attributes:
        steps: Solver steps.
        guidance: Strength of classifier-free guidance.
        seed: Seed of the noise.
        device: Where the model runs.
        solver: How the flow is followed.
        precision: Of the transformer's matrix products.
        guidance_interval: Flow times between which guidance acts.
        guide_global: Whether guidance strengthens the global condition too.
        features: How pictures reach a large frame encoder.
    """

    steps: int
    guidance: float
    seed: int
    device: str
    solver: str
    precision: Precision
    guidance_interval: tuple[float, float]
    guide_global: bool
    features: Preprocessing

    def sampler(self) -> SamplerSettings:
        """How the flow is followed."""
        return SamplerSettings(
            steps=self.steps,
            guidance=self.guidance,
            seed=self.seed,
            solver=self.solver,
            guidance_interval=self.guidance_interval,
            drop_global=self.guide_global,
        )

    def report(self) -> dict[str, object]:
        """Describe the settings as a tree that `json.dumps` takes."""
        return asdict(self) | {"guidance_interval": list(self.guidance_interval)}


def ready_model(
    model: str | Path | LoadedModel, options: GenerateOptions, on_progress: OnProgress | None = None
) -> LoadedModel:
    """Load a model and prepare it for inference.

    Args:
        model: Name, path, or a model that is loaded already; that one is used as it is, where it is.
        options: The device, the precision, and whether to be fast.
        on_progress: Called with what takes long, the steps done and their number.

    Returns:
        The model, and in which precision it computes.

    Raises:
        UserError: There is no such model, device or precision here.
    """
    if isinstance(model, LoadedModel):
        return model
    device = choose_device(options.device)
    loaded = load_model(model, device, on_progress=on_progress)
    large = loaded.model.config.transformer.width >= LARGE
    wanted = "fast" if options.fast and large and options.precision == "auto" else options.precision
    precision = choose_precision(wanted, device)
    prepare_for_inference(loaded.model, precision)
    return replace(loaded, precision=precision)


def resolve_settings(loaded: LoadedModel, options: GenerateOptions) -> ModelSettings:
    """Fill in what the model decides.

    Args:
        loaded: The model.
        options: What was asked for.

    Returns:
        How the sound is made.

    Raises:
        UserError: The frame encoder of the model is not here, or does not know the preprocessing.
    """
    config = loaded.model.config
    solver = options.solver or ("midpoint" if options.fast else config.solver)
    return ModelSettings(
        steps=_steps(config, options, solver),
        guidance=config.guidance_scale if options.guidance is None else options.guidance,
        seed=options.seed,
        device=str(loaded.model.latent_mean.device),
        solver=solver,
        precision=loaded.precision,
        guidance_interval=options.guidance_interval,
        guide_global=options.guide_global,
        features=choose_preprocessing(config.features.encoder, options.features),
    )


def _steps(config: ModelConfig, options: GenerateOptions, solver: str) -> int:
    if options.steps is not None:
        return options.steps
    if config.solver == "euler" and options.fast and solver == "midpoint":
        return max(1, config.steps // STEPS_SAVED)
    if config.solver == "midpoint" and solver == "euler":
        return config.steps * STEPS_SAVED
    return config.steps
