"""A model brought to the form it runs in, and the settings that it runs with."""

from dataclasses import replace
from pathlib import Path

from audiospace.generation.look import choose_preprocessing
from audiospace.generation.options import GenerateOptions
from audiospace.generation.request import choose_device
from audiospace.generation.result import Settings
from audiospace.kernels import choose_precision
from audiospace.media import Layout
from audiospace.model_store import LoadedModel, OnProgress, load_model
from audiospace.models import ModelConfig, prepare_for_inference

LARGE = 512
"""Width of a transformer from which fewer bits pay: below, quantising takes as long as it saves."""
STEPS_SAVED = 4
"""The midpoint method comes nearer to the exact flow than Euler's in four times as many steps."""


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


def resolve_settings(loaded: LoadedModel, layout: Layout, options: GenerateOptions) -> Settings:
    """Fill in what the model and the video decide.

    Args:
        loaded: The model.
        layout: Of the video.
        options: What was asked for.

    Returns:
        How the sound is made.

    Raises:
        UserError: The frame encoder of the model is not here, or does not know the preprocessing.
    """
    config = loaded.model.config
    solver = options.solver or ("midpoint" if options.fast else "euler")
    return Settings(
        steps=_steps(config, options, solver),
        guidance=config.guidance_scale if options.guidance is None else options.guidance,
        seed=options.seed,
        projection=str(layout.projection),
        rotate=options.rotate,
        format=options.format,
        original=options.original,
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
    return max(1, config.steps // STEPS_SAVED) if options.fast and solver == "midpoint" else config.steps
