"""How a simple system decides where a sound comes from: told, by chance, measured in a recording, or seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from audiospace.baselines.direction_track import Track, measured_track, still_track
from audiospace.baselines.random_direction import random_direction
from audiospace.baselines.source_sound import field_of
from audiospace.baselines.visual_direction import (
    motion_direction,
    motion_directions,
    recogniser_direction,
    recogniser_directions,
)
from audiospace.generation import Assignment
from audiospace.generation.glance import glance_at
from audiospace.media import file_sha256

SeenBy = Literal["motion", "recogniser"]
"""What is looked for: what moves, or what is recognised and makes sound."""


class Aim(Protocol):
    """Decides on the direction track of a video's sound."""

    @property
    def settings(self) -> Mapping[str, object]:
        """All that the track depends on beside the video, as a tree that `json.dumps` takes."""
        ...

    def track(self, assignment: Assignment) -> Track:
        """Find the track.

        Args:
            assignment: The video; its yaw is not looked at.

        Returns:
            The track in the scene as the video shows it.

        Raises:
            UserError: There is none to be found.
        """
        ...


@dataclass(frozen=True)
class Told:
    """One direction for every video.

    Attributes:
        azimuth: Radians, left is positive.
        elevation: Radians, up is positive.
    """

    azimuth: float = 0.0
    elevation: float = 0.0

    @property
    def settings(self) -> Mapping[str, object]:
        """The direction in degrees."""
        azimuth, elevation = np.degrees([self.azimuth, self.elevation]).round(6).tolist()
        return {"azimuth_degrees": azimuth, "elevation_degrees": elevation}

    def track(self, assignment: Assignment) -> Track:  # noqa: ARG002
        """The direction, whatever the video is."""
        return still_track(self.azimuth, self.elevation)


@dataclass(frozen=True)
class ByChance:
    """A direction drawn uniformly on the sphere, by the name of the clip.

    Attributes:
        seed: Not negative.
    """

    seed: int = 0

    @property
    def settings(self) -> Mapping[str, object]:
        """The seed."""
        return {"seed": self.seed}

    def track(self, assignment: Assignment) -> Track:
        """The direction drawn for this clip."""
        return Track(np.zeros(1), random_direction(assignment.name, self.seed)[None])


@dataclass(frozen=True)
class Measured:
    """The direction of a recorded sound field.

    Attributes:
        reference: File with first-order ambisonics; the video itself if None.
        moving: Whether it is measured over time.
    """

    reference: Path | None = None
    moving: bool = False

    @property
    def settings(self) -> Mapping[str, object]:
        """The file's hash, and how it is measured."""
        known = None if self.reference is None else file_sha256(self.reference)
        return {"reference_sha256": known, "track": _word(self.moving)}

    def track(self, assignment: Assignment) -> Track:
        """The direction measured by the acoustic intensity."""
        source = assignment.info.path if self.reference is None else self.reference
        return measured_track(field_of(source), source, moving=self.moving)


@dataclass(frozen=True)
class Seen:
    """The direction of what the picture shows.

    Attributes:
        by: What is looked for.
        moving: Whether the direction follows it over time.
    """

    by: SeenBy
    moving: bool = False

    @property
    def settings(self) -> Mapping[str, object]:
        """What is looked for, and how."""
        return {"seen_by": self.by, "track": _word(self.moving)}

    def track(self, assignment: Assignment) -> Track:
        """The direction by a glance at the video."""
        seen = glance_at(assignment.info.path, assignment.layout.projection or "auto")
        if not self.moving:
            one = motion_direction(seen) if self.by == "motion" else recogniser_direction(seen)
            return Track(np.zeros(1), one[None])
        if self.by == "motion":
            return Track(seen.times, motion_directions(seen))
        return Track(seen.looks, recogniser_directions(seen))


def _word(moving: bool) -> str:
    return "moving" if moving else "constant"
