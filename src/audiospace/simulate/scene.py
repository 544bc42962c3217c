"""Scenes: what is where, how loud, and in what surroundings, as data to be rendered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from audiospace.ambisonics import angular_distance, unit_vector
from audiospace.simulate import trajectory as paths
from audiospace.simulate.kinds import KINDS, LARGE_KINDS
from audiospace.simulate.room import Room
from audiospace.simulate.trajectory import Trajectory, Vectors

SMALLEST, LARGEST = np.radians(15.0), np.radians(50.0)
"""Limits of a source's angular size, radians."""
REFERENCE_DISTANCE = 2.0
"""Metres at which a source is as loud as its level says."""
SEPARATION = np.radians(45.0)
"""Sources start, or pass nearest, at least this far apart where there is room."""
SKY_KINDS = frozenset({"bird", "aircraft", "insect", "wind", "rain"})
"""Kinds more often seen above the horizon than below."""


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
        ambience_db: Level of diffuse noise relative to a source's full level, None for silence.
        split: 'train' or 'test'.
    """

    seed: int
    seconds: float
    sources: tuple[Source, ...]
    room: Room | None = None
    ambience_db: float | None = None
    split: Literal["train", "test"] = "train"


def random_scene(
    seed: int,
    *,
    kinds: Sequence[str] = KINDS,
    seconds: float = 10.0,
    sources: tuple[int, int] = (1, 3),
    moving: float = 0.5,
    room: float = 0.4,
    distractors: float = 0.2,
    split: Literal["train", "test"] = "train",
) -> Scene:
    """Draw a scene; the same arguments draw the same scene.

    Args:
        seed: Not negative.
        kinds: Kinds to choose from.
        seconds: Length.
        sources: Smallest and largest number of sounding sources.
        moving: Probability that a source moves.
        room: Probability of a room instead of the open air.
        distractors: Probability of one more source that is seen and not heard.
        split: Which looks to use; the sounds' split is the library's.

    Returns:
        The scene.

    Raises:
        ValueError: A kind is unknown, or a number is out of its range.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds or seconds <= 0 or not 1 <= sources[0] <= sources[1]:
        raise ValueError(f"cannot draw a scene: {unknown=}, {len(kinds)=}, {seconds=}, {sources=}")
    rng = np.random.default_rng([seed, 1 if split == "test" else 0])
    around = _random_room(rng) if rng.random() < room else None
    count = int(rng.integers(sources[0], sources[1] + 1))
    sounding = [True] * count + [False] * int(rng.random() < distractors)
    placed: list[Source] = []
    taken: list[Vectors] = []
    for audible in sounding:
        kind = str(rng.choice(np.asarray(kinds)))
        azimuth, elevation = _apart(rng, kind, taken)
        taken.append(unit_vector(azimuth, elevation))
        moves = bool(rng.random() < moving)
        path = _random_path(rng, azimuth, elevation, seconds) if moves else _stay(rng, azimuth, elevation)
        if around is not None:
            path = paths.limited(path, 0.85 * around.wall_distance(path.directions))
        placed.append(
            Source(
                kind=kind,
                look=1 if split == "test" else 0,
                path=path,
                width=_random_width(rng, kind, path),
                level_db=float(rng.uniform(-9, 0)),
                sounding=audible,
                sound_seed=int(rng.integers(2**31)),
                pulse=float(rng.uniform(0.05, 0.2)) if audible else 0.0,
            )
        )
    return Scene(seed, seconds, tuple(placed), around, float(rng.uniform(-45, -25)), split)


def _random_room(rng: np.random.Generator) -> Room:
    size = rng.uniform([4.0, 4.0, 2.6], [10.0, 9.0, 4.5])
    listener = size * rng.uniform([0.35, 0.35, 0.4], [0.65, 0.65, 0.55])
    x, y, z = map(float, size)
    a, b, c = map(float, listener)
    return Room((x, y, z), (a, b, c), float(rng.uniform(0.45, 0.8)))


def _random_width(rng: np.random.Generator, kind: str, path: Trajectory) -> float:
    """Metres that look 20 to 45 degrees wide when nearest; for large kinds, 38 to 50 even when farthest."""
    large = kind in LARGE_KINDS
    size = np.radians(rng.uniform(38, 50) if large else rng.uniform(20, 45))
    distance = path.distances.max() if large else path.distances.min()
    return float(2 * np.tan(size / 2) * distance)


def _random_direction(rng: np.random.Generator, kind: str) -> tuple[float, float]:
    """Azimuth and elevation in radians: any on the sphere at times, mostly where the kind belongs."""
    azimuth = float(rng.uniform(-np.pi, np.pi))
    if rng.random() < 0.15:
        return azimuth, float(np.arcsin(rng.uniform(-1, 1)))
    low, high = (0.0, 60.0) if kind in SKY_KINDS else (-25.0, 20.0)
    return azimuth, float(np.radians(rng.uniform(low, high)))


def _apart(rng: np.random.Generator, kind: str, others: Sequence[Vectors]) -> tuple[float, float]:
    """The first of twenty random directions that is far enough from the others, else the last."""
    azimuth, elevation = _random_direction(rng, kind)
    for _ in range(20):
        here = unit_vector(azimuth, elevation)
        if all(angular_distance(here, other) > SEPARATION for other in others):
            break
        azimuth, elevation = _random_direction(rng, kind)
    return azimuth, elevation


def _stay(rng: np.random.Generator, azimuth: float, elevation: float) -> Trajectory:
    return paths.still(azimuth, elevation, float(rng.uniform(1.5, 5.0)))


def _random_path(rng: np.random.Generator, azimuth: float, elevation: float, seconds: float) -> Trajectory:
    distance, style = float(rng.uniform(1.5, 4.0)), rng.random()
    side = float(rng.choice([-1.0, 1.0]))
    if style < 0.45:
        turn = side * float(np.radians(rng.uniform(8, 45))) * seconds
        return paths.orbit(azimuth, elevation, distance, turn=turn, seconds=seconds)
    if style < 0.7:
        half_way = side * float(rng.uniform(1.0, 2.5)) * distance
        return paths.pass_by(azimuth, elevation, distance, half_way=half_way, seconds=seconds)
    speed = float(np.radians(rng.uniform(10, 35)))
    return paths.wander(azimuth, elevation, distance, speed=speed, seconds=seconds, rng=rng)
