"""Scenes: what is where, how loud, and in what surroundings, as data to be rendered."""

from dataclasses import dataclass

import numpy as np

from audiospace.simulate.room import Room
from audiospace.simulate.shares import Split
from audiospace.simulate.trajectory import Trajectory, Vectors

SMALLEST, LARGEST = np.radians(15.0), np.radians(50.0)
"""Limits of a source's angular size, radians."""
REFERENCE_DISTANCE = 2.0
"""Metres at which a source is as loud as its level says."""
CAMERA_NOISE = 2.0
"""Standard deviation of a usual camera's noise, of 255."""


@dataclass(frozen=True, eq=False)
class Source:
    """One thing in a scene.

    Attributes:
        kind: One of `KINDS`.
        look: Variant of its picture.
        path: Where it is.
        width: Its size in metres.
        level_db: Level of its direct sound at `REFERENCE_DISTANCE`, decibels.
        sounding: False for something that is only seen.
        sound_seed: Seed of the draw from the sound library.
        pulse: Share by which it swells with its own sound, 0 to 0.3.
    """

    kind: str
    look: int
    path: Trajectory
    width: float
    level_db: float
    sounding: bool
    sound_seed: int
    pulse: float

    def angular_size(self, at: Vectors) -> Vectors:
        """Radians from edge to edge at the times `at` (n,) in seconds, shape (n,)."""
        size: Vectors = 2 * np.arctan(0.5 * self.width / self.path.distance(at))
        return np.clip(size, SMALLEST, LARGEST)

    def gain(self, at: Vectors) -> Vectors:
        """Linear gain of the direct sound at the times `at` (n,) in seconds, shape (n,)."""
        loud = float(10 ** (self.level_db / 20))
        return loud * REFERENCE_DISTANCE / np.maximum(self.path.distance(at), 0.5)


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything needed to render a clip, given a sound library.

    Attributes:
        seed: What it was drawn from; also seeds background and noise.
        seconds: Length.
        sources: What is in it.
        room: The room around it, None in the open.
        ambience_db: Level of the diffuse ambience relative to a source's full level, None for silence.
        split: 'train', 'validation' or 'test'.
        ambience: One of `AMBIENCE_KINDS`, heard from all around; None for diffuse noise.
        microphone_db: Level of the microphone's own noise in W, relative to a source's full level; None for a
            microphone without noise.
        camera_noise: Standard deviation of the noise in the frames, of 255.
    """

    seed: int
    seconds: float
    sources: tuple[Source, ...]
    room: Room | None = None
    ambience_db: float | None = None
    split: Split = "train"
    ambience: str | None = None
    microphone_db: float | None = None
    camera_noise: float = CAMERA_NOISE

    @property
    def behind(self) -> bool:
        """Whether all that sounds is in the rear half of the sphere, the whole time.

        The key points decide: the shortest way between two directions of one half does not leave it.
        """
        return all(bool(np.all(s.path.directions[:, 0] < 0)) for s in self.sources if s.sounding)
