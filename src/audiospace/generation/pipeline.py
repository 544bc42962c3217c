"""The whole path: a 360 video in, a folder with its spatial sound out."""

import json
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import directions_over_time
from audiospace.generation.delivery import Scene, deliver
from audiospace.generation.levels import DELIVERY_RATE, level, samples_in
from audiospace.generation.look import look
from audiospace.generation.request import (
    Container,
    check_name,
    check_request,
    check_video_fits,
    choose_device,
)
from audiospace.generation.result import ModelIdentity, Result, ResultFiles, Settings
from audiospace.generation.sampling import SamplerSettings, decode_latents, sample_latents
from audiospace.generation.stages import OnProgress, Stages
from audiospace.generation.staging import staged_folder
from audiospace.media import Layout, MediaInfo, Original, fit_length, probe, require_360, resample, writing
from audiospace.model_store import LoadedModel, load_model

DIRECTION_WINDOW = 0.5
"""Seconds between the directions in a report."""


def generate(
    video: str | Path,
    *,
    output: str | Path | None = None,
    model: str | Path = "audiospace-mini",
    steps: int | None = None,
    guidance: float | None = None,
    seed: int = 0,
    projection: Literal["auto", "erp", "eac"] = "auto",
    rotate: float = 0.0,
    format: Container = "mp4",
    original: Original = "drop",
    device: str = "auto",
    on_progress: OnProgress | None = None,
) -> Result:
    """Make the spatial sound of a 360 video and write it, in every form, to a folder named after the video.

    The same video, model and settings give the same sound, bit for bit, on one machine. What is written is
    written whole or not at all.

    Args:
        video: The video file.
        output: Where the folder with the results is made; the current folder if None.
        model: Name of a model that ships with the package, or path of a model file.
        steps: Solver steps; the model's own default if None.
        guidance: Strength of classifier-free guidance; the model's own default if None.
        seed: Seed of the noise; another one gives another sound.
        projection: How the video shows the sphere; read from the file if "auto".
        rotate: Radians by which the scene is turned to the left before it is looked at. The sound files and
            the energy video are of the turned scene; the spatial video keeps its picture, and its sound stays
            on it.
        format: Container of the spatial video: "mp4", "webm" or "mov".
        original: What becomes of the video's own sound in the spatial video: dropped, mixed into the
            ambisonics ("mix"), or kept beside them as stereo that does not turn with the head ("head-locked";
            the sound of an MP4 is then Opus, not AAC). The other files hold the generated sound alone.
        device: "auto", "cpu", "cuda", ...
        on_progress: Called with the name of a stage, the steps done and their number.

    Returns:
        The sound, how it was made and where it was written.

    Raises:
        UserError: Something given cannot be used, or the results cannot be written.
    """
    check_request(
        steps=steps,
        guidance=guidance,
        seed=seed,
        projection=projection,
        rotate=rotate,
        container=format,
        original=original,
    )
    source = Path(video)
    info = probe(source)
    layout = require_360(info, projection)
    check_video_fits(info, format, original)
    name = check_name(source)
    stages = Stages(on_progress)
    folder = Path() if output is None else Path(output)
    with staged_folder(folder, name) as temporary:
        with stages.stage("model"):
            loaded = load_model(model, choose_device(device))
        settings = _settings(loaded, steps, guidance, seed, layout, rotate, format, original)
        sound = _make_sound(info, layout, loaded, settings, stages)
        scene = Scene(info, layout, rotate, sound)
        notes = deliver(scene, ResultFiles.in_folder(temporary, name, format), settings, stages)
        result = Result(
            name=name,
            video=source,
            sound=sound,
            sample_rate=DELIVERY_RATE,
            duration=info.duration,
            model=ModelIdentity(loaded.name, loaded.sha256),
            settings=settings,
            seconds=dict(stages.seconds),
            directions=directions_over_time(
                sound, DELIVERY_RATE, window=DIRECTION_WINDOW, hop=DIRECTION_WINDOW
            ),
            files=ResultFiles.in_folder(folder / name, name, format),
            notes=notes,
        )
        with writing(temporary / result.files.report.name) as report:
            report.write_text(json.dumps(result.report(), indent=2) + "\n", encoding="utf-8")
    return result


def _settings(
    loaded: LoadedModel,
    steps: int | None,
    guidance: float | None,
    seed: int,
    layout: Layout,
    rotate: float,
    container: Container,
    original: Original,
) -> Settings:
    """Fill in what the model decides."""
    config = loaded.model.config
    return Settings(
        steps=config.steps if steps is None else steps,
        guidance=config.guidance_scale if guidance is None else guidance,
        seed=seed,
        projection=str(layout.projection),
        rotate=rotate,
        format=container,
        original=original,
        device=str(loaded.model.latent_mean.device),
    )


def _make_sound(
    info: MediaInfo, layout: Layout, loaded: LoadedModel, settings: Settings, stages: Stages
) -> NDArray[np.float32]:
    """Look at the video and generate its sound, at 48 kHz and exactly as long."""
    model = loaded.model
    config = model.config
    with stages.stage("looking", max(1, round(info.duration * config.features.frames_per_second))) as advance:
        features = look(info, layout, config.features, yaw=settings.rotate, advance=advance)
    with stages.stage("sampling", settings.steps) as advance:
        sampler = SamplerSettings(settings.steps, settings.guidance, settings.seed)
        latents = sample_latents(model, features.branches, info.duration, sampler, advance)
    with stages.stage("decoding", latents.shape[-1]) as advance:
        sound = decode_latents(model, latents, advance)
        sound = resample(sound, config.vae.sample_rate, DELIVERY_RATE)
        return level(fit_length(sound, samples_in(info.duration, DELIVERY_RATE)), DELIVERY_RATE)
