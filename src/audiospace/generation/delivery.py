"""The files of a result: sound, spatial video, headphones and pictures of where the sound is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import binaural_blocks, gain_to_peak, peak_of, rotate, rotation_matrix
from audiospace.generation.energy_video import EnergyOverlay, draw, energy_overlay
from audiospace.generation.look import counted, panoramic_frames
from audiospace.generation.options import DeliveryOptions
from audiospace.generation.request import FORMATS
from audiospace.generation.result import ResultFiles
from audiospace.generation.stages import Stages
from audiospace.media import (
    Frame,
    Layout,
    MediaInfo,
    Sound,
    export_sound,
    store,
    write_sound,
    write_video,
    writing,
)

ENERGY_FRAMES_PER_SECOND = 12
ENERGY_HEIGHT = 640
"""Rows of the energy video at most; it is twice as wide."""


@dataclass(frozen=True)
class Scene:
    """A video and the sound that was made for it.

    Attributes:
        info: What the video file holds.
        layout: How its pictures show the sphere.
        yaw: Radians by which the scene was turned to the left before it was looked at.
        sound: AmbiX sound of the turned scene at 48 kHz, as long as the video.
    """

    info: MediaInfo
    layout: Layout
    yaw: float
    sound: Sound


def deliver(
    scene: Scene, files: ResultFiles, options: DeliveryOptions, stages: Stages, *, work: Path
) -> tuple[str, ...]:
    """Write every file of a result but its report.

    The spatial video keeps its picture bit for bit, so its sound is that of the scene before it was turned.
    The video's own sound, if it is kept, is in the spatial video only.

    Args:
        scene: What to write.
        files: Where to.
        options: The container, and what becomes of the video's own sound.
        stages: To measure the time with.
        work: Folder for files that are needed meanwhile.

    Returns:
        Remarks for the user about the spatial video, each a sentence.

    Raises:
        UserError: A file cannot be written.
    """
    with stages.stage("sound files"):
        write_sound(files.foa, scene.sound, subtype="PCM_24")
        heard = _for_headphones(scene.sound, work)
        write_sound(files.binaural, heard, subtype="PCM_24")
    with stages.stage("spatial video"):
        untouched = rotation_matrix(-scene.yaw)
        exported = export_sound(
            scene.info.path,
            scene.sound.mapped(lambda block: np.asarray(rotate(block, untouched), dtype=np.float32)),
            files.spatial,
            format=FORMATS[options.format, options.original],
            original=options.original,
            projection=scene.layout.projection or "auto",
        )
    _write_energy(scene, heard, files, stages)
    return exported.notes


def _for_headphones(sound: Sound, work: Path) -> Sound:
    """Render a sound for headphones, once, and keep it below full scale."""
    ears = Sound(
        2, sound.sample_rate, sound.samples, lambda: binaural_blocks(sound.blocks(), sound.sample_rate)
    )
    stored = store(ears, work / "binaural.f32")
    return stored.scaled(gain_to_peak(peak_of(stored.blocks())))


def _write_energy(scene: Scene, heard: Sound, files: ResultFiles, stages: Stages) -> None:
    """Write the energy video and its still at the loudest moment."""
    rate = ENERGY_FRAMES_PER_SECOND
    count = max(1, round(scene.info.duration * rate))
    height = _energy_height(scene)
    with stages.stage("energy video", count) as advance:
        overlay = energy_overlay(scene.sound, (np.arange(count) + 0.5) / rate)
        frames = panoramic_frames(
            scene.info.path, scene.layout, frames_per_second=rate, height=height, yaw=scene.yaw
        )
        drawn = _drawn(counted(frames, count, advance), overlay, files.energy_still)
        write_video(
            files.energy_video,
            drawn,
            frames_per_second=rate,
            height=height,
            width=2 * height,
            audio=heard,
        )


def _energy_height(scene: Scene) -> int:
    """Choose the rows of the energy video: even, and not more than the video has."""
    if scene.info.video is None:
        raise ValueError(f"{scene.info.path} has no video")
    rows = scene.info.video.height // (2 if scene.layout.stereo == "top-bottom" else 1)
    return max(64, min(ENERGY_HEIGHT, rows) // 2 * 2)


def _drawn(frames: Iterable[Frame], overlay: EnergyOverlay, still: Path) -> Iterator[NDArray[np.uint8]]:
    """Draw over each frame, and keep the one at the loudest moment as a picture."""
    for index, frame in enumerate(frames):
        image = draw(frame.image, overlay, index)
        if index == overlay.loudest:
            write_picture(still, image)
        yield image


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a PNG file.

    Args:
        path: Where to.
        image: Shape (height, width, 3), RGB.

    Raises:
        UserError: It cannot be written.
    """
    _done, encoded = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    with writing(path) as temporary:
        temporary.write_bytes(encoded.tobytes())
