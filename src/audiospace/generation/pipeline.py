"""The whole path: a 360 video in, a folder with its spatial sound out."""

import json
from collections.abc import Callable
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
from audiospace.generation.generator import Assignment, Generator, make_sound
from audiospace.generation.levels import DELIVERY_RATE
from audiospace.generation.model_generator import ModelGenerator, open_model
from audiospace.generation.options import DeliveryOptions, GenerateOptions
from audiospace.generation.request import check_delivery, check_name, check_request, check_video_fits
from audiospace.generation.result import Result, ResultFiles, Settings
from audiospace.generation.stages import Stages
from audiospace.generation.staging import staged_folder, work_folder
from audiospace.media import Sound, file_sha256, probe, require_360, writing
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
    chosen = options or GenerateOptions()
    check_request(chosen)

    def load(stages: Stages) -> ModelGenerator:
        with stages.stage("model"):
            return open_model(model, chosen, stages.report)

    return _generate(Path(video), load, output, chosen, on_progress)


def generate_with(
    video: str | Path,
    generator: Generator,
    *,
    output: str | Path | None = None,
    options: DeliveryOptions | None = None,
    on_progress: OnProgress | None = None,
) -> Result:
    """Make the spatial sound of a 360 video with any generator, and write what `generate` writes.

    Args:
        video: The video file.
        generator: What makes the sound.
        output: Where the folder with the results is made; the current folder if None.
        options: How the result is delivered; the defaults of `DeliveryOptions` if None.
        on_progress: Called with the name of a stage, the steps done and their number.

    Returns:
        The sound, how it was made and where it was written.

    Raises:
        UserError: Something given cannot be used, or the results cannot be written.
    """
    chosen = options or DeliveryOptions()
    check_delivery(chosen)
    return _generate(Path(video), lambda _stages: generator, output, chosen, on_progress)


def _generate(
    video: Path,
    open_generator: Callable[[Stages], Generator],
    output: str | Path | None,
    options: DeliveryOptions,
    on_progress: OnProgress | None,
) -> Result:
    """Check what can be checked at once, then make the sound and its files; all of them or none."""
    info = probe(video)
    layout = require_360(info, options.projection)
    check_video_fits(info, options.format, options.original)
    name = check_name(video)
    stages = Stages(on_progress)
    folder = Path() if output is None else Path(output)
    with staged_folder(folder, name) as temporary, work_folder(temporary) as work:
        generator = open_generator(stages)
        made = make_sound(generator, Assignment(info, layout, options.rotate), stages, work=work)
        scene = Scene(info, layout, options.rotate, made.sound)
        files = ResultFiles.in_folder(temporary, name, options.format)
        notes = deliver(scene, files, options, stages, work=work)
        result = Result(
            name=name,
            video=video,
            video_sha256=file_sha256(video),
            sample_rate=DELIVERY_RATE,
            duration=info.duration,
            model=generator.identity,
            settings=Settings.of(generator.settings, layout, options),
            seconds=dict(stages.seconds),
            direction=direction_of(covariance_of_blocks(made.sound.blocks())),
            directions=_directions(made.sound),
            files=ResultFiles.in_folder(folder / name, name, options.format),
            notes=(*notes, *made.notes),
        )
        with writing(temporary / result.files.report.name) as report:
            report.write_text(json.dumps(result.report(), indent=2) + "\n", encoding="utf-8")
    return result


def _directions(sound: Sound) -> DirectionTrack:
    """Where the sound comes from over time, for the report."""
    times = window_times(sound.samples, sound.sample_rate, DIRECTION_WINDOW)
    return track_of(times, covariances_of_blocks(sound.blocks(), sound.sample_rate, times, DIRECTION_WINDOW))
