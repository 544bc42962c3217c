"""What can be asked of `generate`, checked before any work is done."""

import math
from pathlib import Path

import torch

from audiospace.errors import UserError
from audiospace.media import ExportFormat, MediaInfo
from audiospace.media.delivery import DELIVERIES

PROJECTIONS = ("auto", "erp", "eac")
FORMATS: dict[str, ExportFormat] = {"mp4": "mp4-aac", "webm": "webm-opus"}
"""Delivery format of `media.export_spatial` by the container asked for."""


def check_request(
    *,
    steps: int | None,
    guidance: float | None,
    seed: int,
    projection: str,
    rotate: float,
    container: str,
) -> None:
    """Refuse values that no model can work with.

    Args:
        steps: Solver steps, at least 1, or None.
        guidance: Strength of guidance, finite and at least 0, or None.
        seed: At least 0.
        projection: One of "auto", "erp" and "eac".
        rotate: Yaw in radians, finite.
        container: "mp4" or "webm".

    Raises:
        UserError: One of them is not as above.
    """
    if steps is not None and steps < 1:
        raise UserError(f"the number of steps must be at least 1, not {steps}")
    if guidance is not None and not (math.isfinite(guidance) and guidance >= 0):
        raise UserError(f"guidance must be a number of at least 0, not {guidance}")
    if not 0 <= seed < 2**63:
        raise UserError(f"the seed must be a whole number of at least 0, not {seed}")
    if projection not in PROJECTIONS:
        raise UserError(
            f"unknown projection {projection!r}", remedy=f"Choose one of {', '.join(PROJECTIONS)}"
        )
    if not math.isfinite(rotate):
        raise UserError(f"the rotation must be a finite angle, not {rotate}")
    if container not in FORMATS:
        raise UserError(f"unknown format {container!r}", remedy=f"Choose one of {', '.join(FORMATS)}")


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


def check_video_fits(info: MediaInfo, container: str) -> None:
    """Refuse a container that cannot hold the pictures untouched, before any work is done.

    Args:
        info: What the video file holds.
        container: "mp4" or "webm".

    Raises:
        UserError: It cannot; the message names the one that can.
    """
    codec = "" if info.video is None else info.video.codec
    able = [name for name, kind in FORMATS.items() if codec in DELIVERIES[kind].video_codecs]
    if container not in able:
        raise UserError(
            f"its {codec} pictures do not fit into {container} files untouched",
            file=info.path,
            remedy=f"Use --format {able[0]}" if able else "Convert the video to H.264 first",
        )


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
