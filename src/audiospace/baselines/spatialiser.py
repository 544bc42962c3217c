"""The simplest generators: a sound that is there already, put where an aim says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audiospace.baselines.aims import Aim
from audiospace.baselines.source_sound import duration_of, mono_of, require_sound, stereo_of
from audiospace.baselines.spatialisation import spatialise, without_direction
from audiospace.generation import DELIVERY_RATE, Assignment, Made, ModelIdentity
from audiospace.generation.stages import Stages
from audiospace.media import file_sha256, probe, store
from audiospace.simulate import Room

LENGTH_TOLERANCE = 0.1
"""Seconds by which a sound may differ in length from its video before the user is told."""


@dataclass(frozen=True)
class Spatialiser:
    """Plays a sound from a direction.

    Attributes:
        name: Name of the system.
        aim: Where the sound is put; it has no direction if None.
        sound: File that is played; the video's own sound if None.
        stereo: Whether stereo stays two sources beside each other; else it is mixed to mono.
        room: Room whose reflections are added; in the open air if None.
    """

    name: str
    aim: Aim | None
    sound: Path | None = None
    stereo: bool = False
    room: Room | None = None

    @property
    def identity(self) -> ModelIdentity:
        """The name alone: there is no file."""
        return ModelIdentity(self.name, None)

    @property
    def settings(self) -> Mapping[str, object]:
        """Sound, aim and room."""
        own: dict[str, object] = {
            "sound_sha256": None if self.sound is None else file_sha256(self.sound),
            "stereo": self.stereo,
            "room_metres": None if self.room is None else list(self.room.size),
            "room_absorption": None if self.room is None else self.room.absorption,
        }
        return own if self.aim is None else {**own, **self.aim.settings}

    def make(self, assignment: Assignment, stages: Stages, *, work: Path) -> Made:
        """Find the direction and put the sound there; the result is kept in a file.

        Args:
            assignment: The video.
            stages: To measure the time with.
            work: Folder for that file.

        Returns:
            The sound, with a note if it is not as long as the video.

        Raises:
            UserError: There is no sound, it cannot be read or placed, or no direction can be found.
        """
        source = assignment.info.path if self.sound is None else self.sound
        info = assignment.info if self.sound is None else probe(source)
        require_sound(info, "Give one to play with --sound" if self.sound is None else "")
        read = stereo_of if self.stereo else mono_of
        sound = read(source, sample_rate=DELIVERY_RATE, samples=assignment.samples)
        if self.aim is None:
            field = without_direction(sound)
        else:
            with stages.stage("aiming"):
                track = self.aim.track(assignment).turned(assignment.yaw)
            field = spatialise(sound, track, self.room)
        with stages.stage("spatialising"):
            stored = store(field, work / "spatialised.f32")
        return Made(stored, _length_notes(duration_of(info), assignment.info.duration))


def _length_notes(seconds: float, wanted: float) -> tuple[str, ...]:
    longer = seconds - wanted
    if abs(longer) <= LENGTH_TOLERANCE:
        return ()
    what = (
        "longer than the video: its end is left out"
        if longer > 0
        else "shorter than the video: silence follows"
    )
    return (f"The sound is {abs(longer):.2f} s {what}",)
