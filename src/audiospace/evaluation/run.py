"""Recorded sounds against generated ones: errors by clip, means with intervals, what was left out."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.evaluation.pairs import find_sounds, pair
from audiospace.evaluation.statistics import Interval, bootstrap_mean
from audiospace.media import read_audio
from audiospace.metrics import NoDirectionError, SpatialErrors, direction_errors, mean_direction

METRICS = ("azimuth", "elevation", "angle")
ALWAYS_FRONT = "always front"
RANDOM = "random"
LENGTH_TOLERANCE = 0.1
"""Seconds by which a pair may differ in length before it is reported."""

Kind = Literal["missing", "no reference", "unreadable", "channels", "no direction", "length", "rate"]


@dataclass(frozen=True)
class Finding:
    """Something about one clip that the reader of the figures should know.

    Attributes:
        system: Name of the system, or "reference".
        clip: Name of the clip.
        kind: What sort of thing it is.
        detail: What exactly, in words.
        counted: Whether the clip is part of the system's means all the same.
    """

    system: str
    clip: str
    kind: Kind
    detail: str
    counted: bool


@dataclass(frozen=True)
class ClipErrors:
    """Errors of one system on one clip.

    Attributes:
        clip: Name of the clip.
        errors: Errors against the recorded sound.
    """

    clip: str
    errors: SpatialErrors


@dataclass(frozen=True)
class SystemScores:
    """What one system achieves.

    Attributes:
        name: Name of the system.
        folder: Where its sounds are; None for a trivial system.
        metrics: Mean error in radians with its 95 % interval, by metric.
        front: Mean great-circle error of always saying "front" on the same clips.
        clips: The errors clip by clip.
    """

    name: str
    folder: Path | None
    metrics: Mapping[str, Interval]
    front: Interval
    clips: tuple[ClipErrors, ...]


@dataclass(frozen=True)
class Evaluation:
    """Every system against the same recorded sounds.

    Attributes:
        reference: Folder of the recorded sounds.
        systems: The given systems, then the trivial ones.
        findings: What was left out of the means, or counted in spite of a difference.
        seed: Seed of the intervals and of the random directions.
    """

    reference: Path
    systems: tuple[SystemScores, ...]
    findings: tuple[Finding, ...]
    seed: int


@dataclass(frozen=True)
class _Measured:
    """Direction of a sound file, or why it has none."""

    direction: NDArray[np.float64] | None
    seconds: float = 0.0
    sample_rate: int = 0
    kind: Kind = "unreadable"
    problem: str = ""


def _measure(path: Path) -> _Measured:
    try:
        sound = read_audio(path)
    except UserError as error:
        return _Measured(None, problem=str(error))
    channels, samples = sound.samples.shape
    if channels != 4:
        remedy = "; convert it with --from youtube6" if channels == 6 else ""
        return _Measured(None, kind="channels", problem=f"{path.name} has {channels} channels, not 4{remedy}")
    if samples == 0:
        return _Measured(None, kind="no direction", problem=f"{path.name}: it has no samples")
    try:
        direction = mean_direction(sound.samples)
    except NoDirectionError as error:
        return _Measured(None, kind="no direction", problem=f"{path.name}: {error}")
    return _Measured(direction, samples / sound.sample_rate, sound.sample_rate)


def _differences(system: str, clip: str, reference: _Measured, generated: _Measured) -> list[Finding]:
    findings = []
    if abs(reference.seconds - generated.seconds) > LENGTH_TOLERANCE:
        detail = f"lasts {generated.seconds:.2f} s, the recording {reference.seconds:.2f} s"
        findings.append(Finding(system, clip, "length", detail, counted=True))
    if reference.sample_rate != generated.sample_rate:
        detail = f"has {generated.sample_rate} Hz, the recording {reference.sample_rate} Hz"
        findings.append(Finding(system, clip, "rate", detail, counted=True))
    return findings


def _scores(
    name: str,
    folder: Path | None,
    directions: Mapping[str, NDArray[np.float64]],
    truth: Mapping[str, NDArray[np.float64]],
    seed: int,
) -> SystemScores:
    clips = tuple(
        ClipErrors(clip, direction_errors(truth[clip], found)) for clip, found in directions.items()
    )
    front = [direction_errors(truth[clip], np.array([1.0, 0.0, 0.0])).angle for clip in directions]
    return SystemScores(
        name=name,
        folder=folder,
        metrics={
            metric: bootstrap_mean([getattr(clip.errors, metric) for clip in clips], seed=seed)
            for metric in METRICS
        },
        front=bootstrap_mean(front, seed=seed),
        clips=clips,
    )


def _random_direction(clip: str, seed: int) -> NDArray[np.float64]:
    vector = np.random.default_rng([seed, zlib.crc32(clip.encode())]).standard_normal(3)
    return np.asarray(vector / np.linalg.norm(vector))


def _compare(
    name: str,
    folder: Path,
    reference: Path,
    truth: Mapping[str, _Measured],
    on_clip: Callable[[], None],
) -> tuple[dict[str, NDArray[np.float64]], list[Finding]]:
    """Measure one system's sounds: their directions by clip, and what is odd about them."""
    pairing = pair(reference, folder)
    if not pairing.pairs:
        raise UserError(
            f"no sound in this folder has the name of a clip in {reference}",
            file=folder,
            remedy="Files are matched by their names, for example ID.webm and ID.ogg or ID/ID.foa.wav",
        )
    findings = [
        Finding(name, clip, "missing", "there is no generated sound", counted=False)
        for clip in pairing.reference_only
    ]
    findings += [
        Finding(name, clip, "no reference", "there is no recorded sound", counted=False)
        for clip in pairing.generated_only
    ]
    directions: dict[str, NDArray[np.float64]] = {}
    for couple in pairing.pairs:
        on_clip()
        measured = _measure(couple.generated)
        recorded = truth[couple.clip]
        if measured.direction is None:
            findings.append(Finding(name, couple.clip, measured.kind, measured.problem, counted=False))
        elif recorded.direction is not None:
            directions[couple.clip] = measured.direction
            findings += _differences(name, couple.clip, recorded, measured)
    return directions, findings


def evaluate(
    reference: Path,
    generated: Mapping[str, Path],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Compare systems with the recorded sounds, by name of the clip.

    A clip that cannot be compared (no partner, unreadable, wrong number of channels, silent) is left out of
    that system's means and named in the findings; a difference in length or rate is named and counted.

    Args:
        reference: Folder of recorded AmbiX sounds, or of videos that carry them.
        generated: Folder of generated sounds by name of the system.
        seed: Seed of the bootstrap intervals and of the random directions.
        on_progress: Called with the files measured so far and their number.

    Returns:
        The scores of every system, followed by always-front and a random direction on the reference clips.

    Raises:
        UserError: A folder does not exist, holds no sound, or shares no clip with the reference.
    """
    recorded = find_sounds(reference)
    total = len(recorded) + sum(len(pair(reference, folder).pairs) for folder in generated.values())
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    measured: dict[str, _Measured] = {}
    for clip, path in recorded.items():
        measured[clip] = _measure(path)
        advance()
    findings = [
        Finding("reference", clip, found.kind, found.problem, counted=False)
        for clip, found in measured.items()
        if found.direction is None
    ]
    truth = {clip: found.direction for clip, found in measured.items() if found.direction is not None}
    systems = []
    for name, folder in generated.items():
        directions, odd = _compare(name, folder, reference, measured, advance)
        systems.append(_scores(name, folder, directions, truth, seed))
        findings += odd
    front = dict.fromkeys(truth, np.array([1.0, 0.0, 0.0]))
    chance = {clip: _random_direction(clip, seed) for clip in truth}
    systems.append(_scores(ALWAYS_FRONT, None, front, truth, seed))
    systems.append(_scores(RANDOM, None, chance, truth, seed))
    return Evaluation(reference, tuple(systems), tuple(findings), seed)
