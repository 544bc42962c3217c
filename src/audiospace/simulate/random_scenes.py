"""Scenes drawn by chance."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from audiospace.ambisonics import angular_distance, unit_vector
from audiospace.simulate import trajectory as paths
from audiospace.simulate.kinds import AMBIENCE_KINDS, KINDS, LARGE_KINDS
from audiospace.simulate.room import Room
from audiospace.simulate.scene import Scene, Source
from audiospace.simulate.shares import Split
from audiospace.simulate.trajectory import Trajectory, Vectors

SEPARATION = np.radians(45.0)
"""Sources start, or pass nearest, at least this far apart where there is room."""
SKY_KINDS = frozenset({"bird", "aircraft", "insect", "wind", "rain"})
"""Kinds more often seen above the horizon than below."""
TEXTURE_DB = 10.0
"""Decibels by which an ambience of rain, voices or the like is louder than one of noise."""
LEVELS = (-9.0, 0.0)
"""Decibels between which a source's level is drawn."""
PULSES = (0.05, 0.2)
"""Shares between which the swelling of what sounds is drawn."""
STILL_DISTANCES = (1.5, 5.0)
"""Metres between which the distance of what stands still is drawn."""
TEST_LOOK = 1
"""Variant of the looks that test scenes show; others show variant 0."""


def random_scene(
    seed: int,
    *,
    kinds: Sequence[str] = KINDS,
    seconds: float = 10.0,
    sources: tuple[int, int] = (1, 3),
    moving: float = 0.5,
    room: float = 0.4,
    distractors: float = 0.2,
    behind: float = 0.0,
    ambience: float = 0.0,
    noise: float = 0.0,
    split: Split = "train",
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
        behind: Probability that all sounding sources stay behind the camera; a silent one may be in front.
        ambience: Probability that what is heard from all around is a kind of source, as rain, and not noise.
        noise: Probability that microphone and camera are noisier or quieter than usual by chance, and the
            microphone not noiseless.
        split: Which looks to use, and another draw from the same seed; the sounds' split is the library's.

    Returns:
        The scene.

    Raises:
        ValueError: A kind is unknown, or a number is out of its range.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds or seconds <= 0 or not 1 <= sources[0] <= sources[1]:
        raise ValueError(f"cannot draw a scene: {unknown=}, {len(kinds)=}, {seconds=}, {sources=}")
    key = [seed, ("train", "test", "validation").index(split)]
    rng, conditions = np.random.default_rng(key), np.random.default_rng([*key, 7])
    hidden = bool(conditions.random() < behind)
    around = _random_room(rng) if rng.random() < room else None
    count = int(rng.integers(sources[0], sources[1] + 1))
    audible = [True] * count + [False] * int(rng.random() < distractors)
    placed: list[Source] = []
    taken: list[Vectors] = []
    for sounding in audible:
        kind = str(rng.choice(np.asarray(kinds)))
        start = _apart(rng, kind, taken, behind=hidden and sounding)
        taken.append(unit_vector(*start))
        moves = bool(rng.random() < moving)
        path = _random_path(rng, *start, seconds) if moves else _stay(rng, *start)
        if hidden and sounding:
            path = paths.behind(path)
        if around is not None:
            path = paths.limited(path, 0.85 * around.wall_distance(path.directions))
        placed.append(_random_source(rng, kind, path, sounding=sounding, split=split))
    scene = Scene(seed, seconds, tuple(placed), around, float(rng.uniform(-45, -25)), split)
    return _with_conditions(conditions, scene, kinds, ambience=ambience, noise=noise)


def _random_source(
    rng: np.random.Generator, kind: str, path: Trajectory, *, sounding: bool, split: Split
) -> Source:
    return Source(
        kind=kind,
        look=TEST_LOOK if split == "test" else 0,
        path=path,
        width=_random_width(rng, kind, path),
        level_db=float(rng.uniform(*LEVELS)),
        sounding=sounding,
        sound_seed=int(rng.integers(2**31)),
        pulse=float(rng.uniform(*PULSES)) if sounding else 0.0,
    )


def _with_conditions(
    rng: np.random.Generator, scene: Scene, kinds: Sequence[str], *, ambience: float, noise: float
) -> Scene:
    """What surrounds the sources, and how good microphone and camera are; drawn apart from the sources."""
    seen = {source.kind for source in scene.sources}
    textures = [kind for kind in kinds if kind in AMBIENCE_KINDS and kind not in seen]
    if textures and rng.random() < ambience:
        louder = (scene.ambience_db or 0.0) + TEXTURE_DB
        scene = replace(scene, ambience=str(rng.choice(np.asarray(textures))), ambience_db=louder)
    if rng.random() < noise:
        microphone, camera = float(rng.uniform(-65, -40)), float(rng.uniform(1.0, 4.0))
        scene = replace(scene, microphone_db=microphone, camera_noise=camera)
    return scene


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


def _apart(
    rng: np.random.Generator, kind: str, others: Sequence[Vectors], *, behind: bool
) -> tuple[float, float]:
    """The first of twenty random directions that is far enough from the others, else the last."""
    for _ in range(20):
        azimuth, elevation = _random_direction(rng, kind)
        if behind:
            azimuth = float(paths.rearward(np.array(azimuth)))
        here = unit_vector(azimuth, elevation)
        if all(angular_distance(here, other) > SEPARATION for other in others):
            break
    return azimuth, elevation


def _stay(rng: np.random.Generator, azimuth: float, elevation: float) -> Trajectory:
    return paths.still(azimuth, elevation, float(rng.uniform(*STILL_DISTANCES)))


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
