"""What `generate` gives back, and the report that lies beside the files."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import Direction, DirectionTrack
from audiospace.generation.generator import ModelIdentity
from audiospace.generation.options import Container, DeliveryOptions
from audiospace.media import Layout, Original, read_audio

REPORTED_PACKAGES = ("audiospace", "torch", "numpy", "av", "opencv-python-headless", "soundfile")


@dataclass(frozen=True)
class Settings:
    """How a sound was made and delivered; the same on one machine for the same generator and video.

    Attributes:
        own: Settings of the generator itself, as its `settings` gives them.
        projection: Projection of the video: "erp" or "eac".
        rotate: Yaw in radians by which the scene was turned to the left before it was looked at.
        format: Container of the spatial video: "mp4", "webm" or "mov".
        original: What became of the video's own sound in the spatial video: "drop", "mix" or "head-locked".
    """

    own: Mapping[str, object]
    projection: str
    rotate: float
    format: Container
    original: Original

    @classmethod
    def of(cls, own: Mapping[str, object], layout: Layout, options: DeliveryOptions) -> "Settings":
        """Gather the settings of a result.

        Args:
            own: Settings of the generator.
            layout: Of the video.
            options: What was asked for.

        Returns:
            The settings.
        """
        return cls(own, str(layout.projection), options.rotate, options.format, options.original)

    def report(self) -> dict[str, object]:
        """Describe the settings as a tree that `json.dumps` takes; angles in degrees."""
        return {
            **self.own,
            "projection": self.projection,
            "rotate_degrees": round(float(np.degrees(self.rotate)), 6),
            "format": self.format,
            "original": self.original,
        }


@dataclass(frozen=True)
class ResultFiles:
    """Where the results are; all in one folder.

    Attributes:
        folder: Folder named after the clip.
        foa: AmbiX sound, 4 channels, 48 kHz.
        spatial: The video with that sound, tagged.
        binaural: The sound for headphones.
        energy_video: The video with the energy of the sound over it, and binaural sound.
        energy_still: A picture of it at the loudest moment.
        report: How it was made, as JSON.
    """

    folder: Path
    foa: Path
    spatial: Path
    binaural: Path
    energy_video: Path
    energy_still: Path
    report: Path

    @classmethod
    def in_folder(cls, folder: Path, name: str, container: str) -> "ResultFiles":
        """Name the files of a clip.

        Args:
            folder: Where they are.
            name: Name of the clip.
            container: Suffix of the spatial video, without the dot.

        Returns:
            Their paths.
        """
        return cls(
            folder=folder,
            foa=folder / f"{name}.foa.wav",
            spatial=folder / f"{name}.spatial.{container}",
            binaural=folder / f"{name}.binaural.wav",
            energy_video=folder / f"{name}.energy.mp4",
            energy_still=folder / f"{name}.energy.png",
            report=folder / f"{name}.json",
        )

    def all(self) -> tuple[Path, ...]:
        """Give the paths of the files, the sound first."""
        return self.foa, self.spatial, self.binaural, self.energy_video, self.energy_still, self.report


@dataclass(frozen=True)
class Result:
    """Spatial sound for a video.

    Attributes:
        name: Name of the clip.
        video: The video it was made for.
        video_sha256: Hash of that file.
        sample_rate: Its rate in Hz.
        duration: Seconds of the video.
        model: Which model, or simpler system, made it.
        settings: How it was made.
        seconds: Seconds spent by stage.
        direction: Where the sound comes from on the whole.
        directions: Dominant direction over time.
        files: Where it was written.
        notes: Remarks for the user, each a sentence.
    """

    name: str
    video: Path
    video_sha256: str
    sample_rate: int
    duration: float
    model: ModelIdentity
    settings: Settings
    seconds: Mapping[str, float]
    direction: Direction
    directions: DirectionTrack
    files: ResultFiles
    notes: tuple[str, ...]

    @cached_property
    def sound(self) -> NDArray[np.float32]:
        """AmbiX sound, shape (4, samples), as long as the video, as the file holds it: rounded to 24 bits.

        It is read when it is first asked for, so a long one is not in memory unless it is needed there.
        """
        return read_audio(self.files.foa).samples

    def summary(self) -> str:
        """Say where the sound comes from on the whole, in degrees."""
        return describe_direction(self.direction)

    def report(self) -> dict[str, object]:
        """Describe the result as a tree that `json.dumps` takes; angles in degrees.

        Returns:
            Model, settings, versions, seconds per stage, levels and directions.
        """
        return {
            "name": self.name,
            "video": str(self.video),
            "video_sha256": self.video_sha256,
            "duration_seconds": round(self.duration, 6),
            "sample_rate": self.sample_rate,
            "convention": "AmbiX: channels W, Y, Z, X; SN3D",
            "model": self.model.report(),
            "settings": self.settings.report(),
            "versions": {"python": platform.python_version()}
            | {package: version(package) for package in REPORTED_PACKAGES},
            "seconds_per_stage": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "direction": self.summary(),
            "directions_over_time": track_json(self.directions),
            "files": [path.name for path in self.files.all()],
            "notes": list(self.notes),
        }


def track_json(track: DirectionTrack) -> list[dict[str, float]]:
    """List a track of directions, in seconds and degrees.

    Args:
        track: Directions over time.

    Returns:
        One entry per time: time, azimuth, elevation, diffuseness and level (decibels, not below -120).
    """
    decibels = 10 * np.log10(np.maximum(track.energy, 1e-12))
    columns = {
        "time": (track.times, 3),
        "azimuth": (np.degrees(track.azimuth), 1),
        "elevation": (np.degrees(track.elevation), 1),
        "diffuseness": (track.diffuseness, 3),
        "level_db": (decibels, 1),
    }
    return [
        {name: round(float(values[index]), digits) for name, (values, digits) in columns.items()}
        for index in range(len(track.times))
    ]


def describe_direction(found: Direction) -> str:
    """Say in degrees where a sound comes from.

    Args:
        found: Its direction on the whole.

    Returns:
        Azimuth, elevation and diffuseness in words.
    """
    if found.energy <= 0:
        return "none: the sound is silent"
    if not found.vector.any():
        return "none: the sound is the same from everywhere"
    return (
        f"azimuth {round(np.degrees(found.azimuth)):+d} degrees, "
        f"elevation {round(np.degrees(found.elevation)):+d} degrees, "
        f"diffuseness {found.diffuseness:.2f}"
    )
