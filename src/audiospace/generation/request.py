"""What can be asked of `generate`, checked before any work is done."""

import math
from pathlib import Path
from typing import get_args

import torch

from audiospace.errors import UserError
from audiospace.generation.options import Container, DeliveryOptions, GenerateOptions
from audiospace.generation.sampling import SOLVERS
from audiospace.kernels import PRECISIONS
from audiospace.media import ExportFormat, MediaInfo, Original
from audiospace.media.delivery import DELIVERIES
from audiospace.media.original_sound import require_original
from audiospace.vision import Preprocessing

PROJECTIONS = ("auto", "erp", "eac")

FORMATS: dict[tuple[Container, Original], ExportFormat] = {
    ("mp4", "drop"): "mp4-aac",
    ("mp4", "mix"): "mp4-aac",
    ("mp4", "head-locked"): "mp4-opus",
    ("webm", "drop"): "webm-opus",
    ("webm", "mix"): "webm-opus",
    ("webm", "head-locked"): "webm-opus",
    ("mov", "drop"): "mov-pcm",
    ("mov", "mix"): "mov-pcm",
    ("mov", "head-locked"): "mov-pcm",
}
"""Delivery format of `media.export_spatial` by the container asked for and the use of the original sound."""
CONTAINERS = tuple(dict.fromkeys(container for container, _original in FORMATS))
ORIGINALS = tuple(dict.fromkeys(original for _container, original in FORMATS))


def check_request(options: GenerateOptions) -> None:
    """Refuse values that no model can work with.

    Args:
        options: What was asked for.

    Raises:
        UserError: A value is out of its range, or not one of the choices.
    """
    check_delivery(options)
    _check_numbers(options)
    _check_choice("solver", options.solver or "euler", tuple(SOLVERS))
    _check_choice("precision", options.precision, ("auto", *PRECISIONS))
    _check_choice("kind of features", options.features or "direct", get_args(Preprocessing))


def check_delivery(options: DeliveryOptions) -> None:
    """Refuse values that no video can be delivered with.

    Args:
        options: What was asked for.

    Raises:
        UserError: A value is out of its range, or not one of the choices.
    """
    _check_choice("projection", options.projection, PROJECTIONS)
    _check_choice("format", options.format, CONTAINERS)
    _check_choice("use of the original sound", options.original, ORIGINALS)
    if not math.isfinite(options.rotate):
        raise UserError(f"the rotation must be a finite angle, not {options.rotate}")


def _check_choice(what: str, chosen: str, known: tuple[str, ...]) -> None:
    if chosen not in known:
        raise UserError(f"unknown {what} {chosen!r}", remedy=f"Choose one of {', '.join(known)}")


def _check_numbers(options: GenerateOptions) -> None:
    steps, guidance, (low, high) = options.steps, options.guidance, options.guidance_interval
    if steps is not None and steps < 1:
        raise UserError(f"the number of steps must be at least 1, not {steps}")
    if guidance is not None and not (math.isfinite(guidance) and guidance >= 0):
        raise UserError(f"guidance must be a number of at least 0, not {guidance}")
    if not 0 <= options.seed < 2**63:
        raise UserError(f"the seed must be a whole number of at least 0, not {options.seed}")
    if not 0 <= low < high <= 1:
        raise UserError(f"guidance acts between two flow times from 0 to 1, not from {low} to {high}")


def check_name(video: Path) -> str:
    """Give the name of the clip that a video file holds.

    Args:
        video: The file.

    Returns:
        Its name without the suffix.

    Raises:
        UserError: The file has no name to name the results after.
    """
    if not video.stem:
        raise UserError("has no file name", file=video)
    return video.stem


def check_video_fits(info: MediaInfo, container: Container, original: Original) -> None:
    """Refuse a spatial video that could not be written, before any work is done.

    Args:
        info: What the video file holds.
        container: The container asked for.
        original: What is to become of the video's own sound.

    Raises:
        UserError: The container cannot hold the pictures untouched (the message names one that can), or the
            video has no sound of its own that could be kept.
    """
    codec = "" if info.video is None else info.video.codec
    able = [name for name in CONTAINERS if codec in DELIVERIES[FORMATS[name, original]].video_codecs]
    if container not in able:
        raise UserError(
            f"its {codec} pictures do not fit into {container} files untouched",
            file=info.path,
            remedy=f"Use --format {able[0]}" if able else "Convert the video to H.264 first",
        )
    if original != "drop":
        require_original(info)


def choose_device(wanted: str) -> torch.device:
    """Find the device to run on.

    Args:
        wanted: "auto" (a GPU if there is one), "cpu", "cuda", "cuda:1", "mps", ...

    Returns:
        The device.

    Raises:
        UserError: There is no such device here.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UserError(
            f"the device {wanted!r} cannot be used here", remedy="Use --device cpu or --device auto"
        ) from error
    if device.type == "meta":
        raise UserError("the device 'meta' computes nothing", remedy="Use --device cpu or --device auto")
    return device
