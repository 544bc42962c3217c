"""What makes the sound of a video, whatever it is: a model, or something simpler to compare models with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audiospace.ambisonics import CHANNELS
from audiospace.generation.levels import DELIVERY_RATE, level, samples_in
from audiospace.generation.stages import Stages
from audiospace.media import Layout, MediaInfo, Sound


@dataclass(frozen=True)
class ModelIdentity:
    """Which model, or which simpler system, made a sound.

    Attributes:
        name: Its name.
        sha256: Hash of its file; None for a system that has none.
    """

    name: str
    sha256: str | None

    def report(self) -> dict[str, object]:
        """Describe it as a tree that `json.dumps` takes."""
        return {"name": self.name, "sha256": self.sha256}


@dataclass(frozen=True)
class Assignment:
    """A video whose sound is wanted.

    Attributes:
        info: What the video file holds.
        layout: How its pictures show the sphere, with a projection.
        yaw: Radians by which the scene is turned to the left before it is looked at.
    """

    info: MediaInfo
    layout: Layout
    yaw: float = 0.0

    @property
    def name(self) -> str:
        """Name of the clip."""
        return self.info.path.stem

    @property
    def samples(self) -> int:
        """Length of the sound at `DELIVERY_RATE`: that of the video."""
        return samples_in(self.info.duration, DELIVERY_RATE)


@dataclass(frozen=True)
class Made:
    """What a generator made.

    Attributes:
        sound: AmbiX sound of the turned scene at 48 kHz, exactly as long as the video. It may be read several
            times: what is dear to compute is kept in a file.
        notes: Remarks for the user, each a sentence.
    """

    sound: Sound
    notes: tuple[str, ...] = ()


class Generator(Protocol):
    """Makes the spatial sound of a video. The same generator and video give the same sound."""

    @property
    def identity(self) -> ModelIdentity:
        """What it is."""
        ...

    @property
    def settings(self) -> Mapping[str, object]:
        """All else that the sound depends on, as a tree that `json.dumps` takes; angles in degrees."""
        ...

    def make(self, assignment: Assignment, stages: Stages, *, work: Path) -> Made:
        """Make the sound of a video.

        Args:
            assignment: The video.
            stages: To measure the time with.
            work: Folder for files that are needed as long as the sound is read.

        Returns:
            The sound at any level.

        Raises:
            UserError: The sound of this video cannot be made.
        """
        ...


def make_sound(generator: Generator, assignment: Assignment, stages: Stages, *, work: Path) -> Made:
    """Make the sound of a video as it is delivered: at the delivery loudness, and of the promised form.

    Args:
        generator: What makes it.
        assignment: The video.
        stages: To measure the time with.
        work: Folder for files that are needed as long as the sound is read.

    Returns:
        The sound.

    Raises:
        UserError: The sound of this video cannot be made.
        ValueError: The generator gave sound of another rate, length or number of channels.
    """
    made = generator.make(assignment, stages, work=work)
    found = (made.sound.channels, made.sound.sample_rate, made.sound.samples)
    promised = (CHANNELS, DELIVERY_RATE, assignment.samples)
    if found != promised:
        raise ValueError(f"{generator.identity.name} gave (channels, rate, samples) {found}, not {promised}")
    return Made(level(made.sound), made.notes)
