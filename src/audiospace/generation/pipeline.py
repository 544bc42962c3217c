"""The whole path: a 360 video in, a folder with its spatial sound out."""

import json
from pathlib import Path

from audiospace.ambisonics import (
    DirectionTrack,
    covariance_of_blocks,
    covariances_of_blocks,
    direction_of,
    track_of,
    window_times,
)
from audiospace.generation.delivery import Scene, deliver
from audiospace.generation.levels import DELIVERY_RATE, level, samples_in
from audiospace.generation.look import look
from audiospace.generation.options import GenerateOptions
from audiospace.generation.ready import ready_model, resolve_settings
from audiospace.generation.request import check_name, check_request, check_video_fits
from audiospace.generation.result import ModelIdentity, Result, ResultFiles, Settings
from audiospace.generation.sampling import decoded_blocks, sample_latents
from audiospace.generation.stages import Stages
from audiospace.generation.staging import staged_folder, work_folder
from audiospace.media import Layout, MediaInfo, Sound, file_sha256, probe, require_360, store, writing
from audiospace.model_store import LoadedModel, OnProgress

DIRECTION_WINDOW = 0.5
"""Seconds between the directions in a report."""


def generate(
    video: str | Path,
    *,
    output: str | Path | None = None,
    model: str | Path | LoadedModel = "audiospace-mini",
    options: GenerateOptions | None = None,
    on_progress: OnProgress | None = None,
) -> Result:
    """Make the spatial sound of a 360 video and write it, in every form, to a folder named after the video.

    The same video, model and settings give the same sound, bit for bit, on one machine. What is written is
    written whole or not at all.

    Args:
        video: The video file.
        output: Where the folder with the results is made; the current folder if None.
        model: Name of a model that ships with the package, path of a model file, or a model that is loaded
            already; that one is used where it is, whatever the device.
        options: How the sound is made; the defaults of `GenerateOptions` if None.
        on_progress: Called with the name of a stage, the steps done and their number.

    Returns:
        The sound, how it was made and where it was written.

    Raises:
        UserError: Something given cannot be used, or the results cannot be written.
    """
    options = options or GenerateOptions()
    check_request(options)
    source = Path(video)
    info = probe(source)
    layout = require_360(info, options.projection)
    check_video_fits(info, options.format, options.original)
    name = check_name(source)
    stages = Stages(on_progress)
    folder = Path() if output is None else Path(output)
    with staged_folder(folder, name) as temporary, work_folder(temporary) as work:
        with stages.stage("model"):
            loaded = ready_model(model, options, stages.report)
        settings = resolve_settings(loaded, layout, options)
        sound = _make_sound(info, layout, loaded, settings, stages, work=work)
        scene = Scene(info, layout, options.rotate, sound)
        files = ResultFiles.in_folder(temporary, name, options.format)
        notes = deliver(scene, files, settings, stages, work=work)
        result = Result(
            name=name,
            video=source,
            video_sha256=file_sha256(source),
            sample_rate=DELIVERY_RATE,
            duration=info.duration,
            model=ModelIdentity(loaded.name, loaded.sha256),
            settings=settings,
            seconds=dict(stages.seconds),
            direction=direction_of(covariance_of_blocks(sound.blocks())),
            directions=_directions(sound),
            files=ResultFiles.in_folder(folder / name, name, options.format),
            notes=(*notes, loaded.dropped) if loaded.dropped else notes,
        )
        with writing(temporary / result.files.report.name) as report:
            report.write_text(json.dumps(result.report(), indent=2) + "\n", encoding="utf-8")
    return result


def _make_sound(
    info: MediaInfo, layout: Layout, loaded: LoadedModel, settings: Settings, stages: Stages, *, work: Path
) -> Sound:
    """Look at the video and generate its sound, at 48 kHz and exactly as long; it is kept in a file."""
    model = loaded.model
    config = model.config
    with stages.stage("looking", max(1, round(info.duration * config.features.frames_per_second))) as advance:
        features = look(
            info,
            layout,
            config.features,
            yaw=settings.rotate,
            preprocessing=settings.features,
            device=settings.device,
            precision=settings.precision,
            advance=advance,
        )
    with stages.stage("sampling", settings.steps) as advance:
        latents = sample_latents(model, features.branches, info.duration, settings.sampler(), advance)
    with stages.stage("decoding", latents.shape[-1]) as advance:
        decoded = Sound(
            channels=config.vae.audio_channels,
            sample_rate=config.vae.sample_rate,
            samples=latents.shape[-1] * config.vae.hop,
            blocks=lambda: decoded_blocks(model, latents, advance),
        )
        fitted = decoded.resampled(DELIVERY_RATE).fitted(samples_in(info.duration, DELIVERY_RATE))
        return level(store(fitted, work / "generated.f32"))


def _directions(sound: Sound) -> DirectionTrack:
    """Where the sound comes from over time, for the report."""
    times = window_times(sound.samples, sound.sample_rate, DIRECTION_WINDOW)
    return track_of(times, covariances_of_blocks(sound.blocks(), sound.sample_rate, times, DIRECTION_WINDOW))
