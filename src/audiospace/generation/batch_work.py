"""What is done with each clip of a batch: made, skipped, or found impossible, without stopping the others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import cv2

from audiospace.errors import UserError
from audiospace.generation.batch_videos import BatchClip
from audiospace.generation.fingerprint import is_made_alike, read_report
from audiospace.generation.options import GenerateOptions
from audiospace.generation.pipeline import generate
from audiospace.generation.ready import ready_model, resolve_settings
from audiospace.media import probe, require_360
from audiospace.model_store import LoadedModel, OnProgress

State = Literal["done", "skipped", "failed"]

FAILURES: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    cv2.error,
)
"""What a strange video can raise deep inside; a failure of that clip alone, like a `UserError`."""


@dataclass(frozen=True)
class Outcome:
    """How it went with one clip.

    Attributes:
        name: Name of the clip.
        video: The file.
        state: "done", "skipped" (the same result was there already) or "failed".
        seconds: Spent on it.
        reason: Why it failed, in one line; empty otherwise.
    """

    name: str
    video: Path
    state: State
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class Order:
    """What is wanted of every clip of a batch.

    Attributes:
        output: Where the folders with the results are made.
        model: Name or path of the model.
        options: How the sounds are made.
        again: Whether results that are there already are made again.
    """

    output: Path
    model: str | Path
    options: GenerateOptions
    again: bool


Work = Callable[[BatchClip, OnProgress | None], Outcome]
"""Makes one clip."""


def open_work(order: Order) -> Work:
    """Load the model once, for all clips.

    Args:
        order: What is wanted.

    Returns:
        What makes one clip.

    Raises:
        UserError: The model or the device cannot be used.
    """
    return partial(make_clip, order, ready_model(order.model, order.options))


def make_clip(order: Order, loaded: LoadedModel, clip: BatchClip, on_progress: OnProgress | None) -> Outcome:
    """Make the sound of one clip, unless it is there already.

    Args:
        order: What is wanted.
        loaded: The model.
        clip: The clip.
        on_progress: Called with the name of a stage, the steps done and their number.

    Returns:
        How it went; a failure is an outcome too.
    """
    begin = time.perf_counter()
    state: State = "failed"
    reason = ""
    try:
        if not order.again and _is_there(order, loaded, clip):
            state = "skipped"
        else:
            generate(
                clip.video,
                output=order.output,
                model=loaded,
                options=order.options,
                on_progress=on_progress,
            )
            state = "done"
    except UserError as error:
        reason = str(error)
    except FAILURES as error:
        reason = f"{clip.video}: {type(error).__name__}: {' '.join(str(error).split())}"
    return Outcome(clip.name, clip.video, state, time.perf_counter() - begin, reason)


def _is_there(order: Order, loaded: LoadedModel, clip: BatchClip) -> bool:
    report = read_report(order.output / clip.name)
    if report is None:
        return False
    layout = require_360(probe(clip.video), order.options.projection)
    settings = resolve_settings(loaded, layout, order.options)
    return is_made_alike(report, video=clip.video, model_sha256=loaded.sha256, settings=settings)
