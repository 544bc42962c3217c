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
from audiospace.generation.generator import Generator
from audiospace.generation.options import DeliveryOptions
from audiospace.generation.pipeline import generate_with
from audiospace.generation.result import Settings
from audiospace.media import probe, require_360
from audiospace.model_store import OnProgress

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
        open_generator: Loads what makes the sounds; called once in every process that works.
        options: How the results are delivered.
        again: Whether results that are there already are made again.
    """

    output: Path
    open_generator: Callable[[], Generator]
    options: DeliveryOptions
    again: bool


Work = Callable[[BatchClip, OnProgress | None], Outcome]
"""Makes one clip."""


def open_work(order: Order) -> Work:
    """Load the generator once, for all clips.

    Args:
        order: What is wanted.

    Returns:
        What makes one clip.

    Raises:
        UserError: The model or the device cannot be used.
    """
    return partial(make_clip, order, order.open_generator())


def make_clip(order: Order, generator: Generator, clip: BatchClip, on_progress: OnProgress | None) -> Outcome:
    """Make the sound of one clip, unless it is there already.

    Args:
        order: What is wanted.
        generator: What makes the sound.
        clip: The clip.
        on_progress: Called with the name of a stage, the steps done and their number.

    Returns:
        How it went; a failure is an outcome too.
    """
    begin = time.perf_counter()
    state: State = "failed"
    reason = ""
    try:
        if not order.again and _is_there(order, generator, clip):
            state = "skipped"
        else:
            generate_with(
                clip.video,
                generator,
                output=order.output,
                options=order.options,
                on_progress=on_progress,
            )
            state = "done"
    except UserError as error:
        reason = str(error)
    except FAILURES as error:
        reason = f"{clip.video}: {type(error).__name__}: {' '.join(str(error).split())}"
    return Outcome(clip.name, clip.video, state, time.perf_counter() - begin, reason)


def _is_there(order: Order, generator: Generator, clip: BatchClip) -> bool:
    report = read_report(order.output / clip.name)
    if report is None:
        return False
    layout = require_360(probe(clip.video), order.options.projection)
    settings = Settings.of(generator.settings, layout, order.options)
    return is_made_alike(report, video=clip.video, identity=generator.identity, settings=settings)
