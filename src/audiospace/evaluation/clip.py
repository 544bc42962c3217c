"""One clip: its recorded sound against every system's, in every figure that belongs to a single pair."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import direction_of, maps_of
from audiospace.errors import UserError
from audiospace.evaluation.measurement import Measurement
from audiospace.evaluation.measuring import Problem, hear, measure
from audiospace.evaluation.pair_values import PairValues, pair_values, visual_values
from audiospace.evaluation.results import Finding, Group
from audiospace.evaluation.trivial import NOISE, RECORDED, noise_sound, trivial_fields
from audiospace.generation import glance_at
from audiospace.hearing import Heard, SoundEmbedder, WordEmbedder, load_embedder
from audiospace.metrics import SLICES_PER_SECOND, SoundField, cosine_similarity
from audiospace.vision import EfficientNetLite0, Glance

REFERENCE = "reference"
LENGTH_TOLERANCE = 0.1
"""Seconds by which a pair may differ in length before it is reported."""
STRIP_HEIGHT, STRIP_WIDTH = 18, 36
_SILENT = "it is silent, which counts in the figures that silence has"


@dataclass(frozen=True)
class ClipTask:
    """What is to be done for one clip; small, so that it can be sent to another process.

    Attributes:
        clip: Name of the clip.
        reference: File with the recorded sound.
        generated: File with the generated sound by name of the system; those that have one.
        video: The video, where there is one and it is to be looked at.
        groups: Groups of figures that were asked for.
        embedders: Names of the embedders that hear.
        seed: Of the random direction.
        strip: Whether to keep energy maps over time for a picture.
        caption: What the clip is said to sound like, if anything.
    """

    clip: str
    reference: Path
    generated: Mapping[str, Path]
    video: Path | None
    groups: frozenset[Group]
    embedders: tuple[str, ...]
    seed: int
    strip: bool
    caption: str | None = None


@dataclass(frozen=True, eq=False)
class ClipOutcome:
    """What came of it.

    Attributes:
        clip: Name of the clip.
        usable: Whether the recorded sound could be measured.
        values: Figures by system and key of the metric, those that are defined.
        heard: What embedders heard, by system ("reference" among them) and name of the embedder.
        directions: Unit vector of the time-averaged intensity by system, where there is one.
        maps_left_out: Windows without an energy map and all windows, by system.
        strip: Energy maps of each second by system, if they were asked for.
        findings: What is odd about the clip.
    """

    clip: str
    usable: bool
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    heard: Mapping[str, Mapping[str, Heard]] = field(default_factory=dict)
    directions: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    maps_left_out: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    strip: Mapping[str, NDArray[np.float64]] | None = None
    findings: tuple[Finding, ...] = ()


def evaluate_clip(task: ClipTask) -> ClipOutcome:
    """Measure the sounds of one clip and compare them.

    Args:
        task: What to do.

    Returns:
        The figures; whatever is wrong with a file is a finding and not an error.
    """
    embedders = {name: _embedder(name) for name in task.embedders}
    onsets = task.video is not None
    recorded = measure(task.reference, embedders, onsets=onsets)
    if isinstance(recorded, Problem) or recorded.silent:
        found = recorded if isinstance(recorded, Problem) else _silence(task.reference)
        return ClipOutcome(task.clip, usable=False, findings=(_problem(REFERENCE, task.clip, found),))
    findings: list[Finding] = []
    systems: dict[str, Measurement] = {}
    for system, path in task.generated.items():
        measured = measure(path, embedders, onsets=onsets)
        if isinstance(measured, Problem):
            findings.append(_problem(system, task.clip, measured))
            continue
        systems[system] = measured
        findings += _differences(system, task.clip, recorded.field, measured.field)
    glance = _glance(task, findings)
    pairs, undefined = _compare(task, recorded, systems, glance)
    heard = {REFERENCE: recorded.heard, **{name: one.heard for name, one in systems.items()}}
    if embedders:
        noise = noise_sound(recorded.field.samples, task.clip, task.seed)
        heard[NOISE] = hear(noise, recorded.field.sample_rate, embedders)
        noisy = Measurement(recorded.field, None, heard[NOISE])
        pairs[NOISE] = pair_values(recorded, noisy, {"semantic"})
        pairs.setdefault(RECORDED, PairValues())
    if task.caption is not None:
        _caption(task.caption, embedders, heard, pairs)
    fields = {REFERENCE: recorded.field, **{name: one.field for name, one in systems.items()}}
    return ClipOutcome(
        clip=task.clip,
        usable=True,
        values={system: found.values for system, found in pairs.items()},
        heard=heard,
        directions={name: vector for name, sound in fields.items() if (vector := _direction(sound)).any()},
        maps_left_out={system: found.maps_left_out for system, found in pairs.items()},
        strip={name: _strip(sound) for name, sound in fields.items()} if task.strip else None,
        findings=(*findings, *undefined),
    )


def _compare(
    task: ClipTask, recorded: Measurement, systems: Mapping[str, Measurement], glance: Glance | None
) -> tuple[dict[str, PairValues], list[Finding]]:
    """Give the figures of every system, the trivial ones among them, and name those that are not defined."""
    pairs = {system: pair_values(recorded, measured, task.groups) for system, measured in systems.items()}
    heard = Measurement(recorded.field, recorded.onsets, {})
    for name, sound in trivial_fields(recorded.field, task.clip, task.seed, glance).items():
        pairs[name] = pair_values(heard, Measurement(sound, None, {}), task.groups)
    if glance is not None:
        for name, measured in {RECORDED: recorded, **systems}.items():
            seen = visual_values(measured, glance)
            pairs[name] = pairs[name].joined(seen) if name in pairs else seen
    findings = [
        Finding(system, task.clip, "silent", _SILENT, counted=bool(pairs[system].values))
        for system, measured in systems.items()
        if measured.silent
    ]
    findings += [
        Finding(system, task.clip, "undefined", f"{reason}: no {', '.join(keys)}", counted=False)
        for system in systems
        for reason, keys in pairs[system].undefined.items()
    ]
    return pairs, findings


def _caption(
    caption: str,
    embedders: Mapping[str, SoundEmbedder],
    heard: Mapping[str, Mapping[str, Heard]],
    pairs: dict[str, PairValues],
) -> None:
    """Compare every sound with the clip's caption, where an embedder knows words."""
    for name, embedder in embedders.items():
        if isinstance(embedder, WordEmbedder):
            words = embedder.embed_text([caption])
            for system, found in heard.items():
                score = cosine_similarity(words[0], found[name].embeddings.mean(axis=0))
                row = pairs.setdefault(RECORDED if system == REFERENCE else system, PairValues())
                row.values[f"caption_{name}"] = score


@lru_cache(maxsize=8)
def _embedder(name: str) -> SoundEmbedder:
    """Load an embedder once per process."""
    return load_embedder(name)


@lru_cache(maxsize=1)
def _frame_encoder() -> EfficientNetLite0:
    """Load the recogniser of pictures once per process."""
    return EfficientNetLite0()


def _glance(task: ClipTask, findings: list[Finding]) -> Glance | None:
    if task.video is None:
        return None
    try:
        return glance_at(task.video, encoder=_frame_encoder())
    except UserError as error:
        findings.append(Finding(REFERENCE, task.clip, "unreadable", f"its picture: {error}", counted=True))
        return None


def _silence(path: Path) -> Problem:
    return Problem("silent", f"{path.name}: it is silent")


def _problem(system: str, clip: str, found: Problem) -> Finding:
    return Finding(system, clip, found.kind, found.detail, counted=False)


def _differences(system: str, clip: str, recorded: SoundField, generated: SoundField) -> list[Finding]:
    findings = []
    if abs(recorded.seconds - generated.seconds) > LENGTH_TOLERANCE:
        detail = f"lasts {generated.seconds:.2f} s, the recording {recorded.seconds:.2f} s"
        findings.append(Finding(system, clip, "length", detail, counted=True))
    if recorded.sample_rate != generated.sample_rate:
        detail = f"has {generated.sample_rate} Hz, the recording {recorded.sample_rate} Hz"
        findings.append(Finding(system, clip, "rate", detail, counted=True))
    return findings


def _direction(sound: SoundField) -> NDArray[np.float64]:
    return direction_of(sound.whole).vector


def _strip(sound: SoundField) -> NDArray[np.float64]:
    return maps_of(sound.windows(SLICES_PER_SECOND), STRIP_HEIGHT, STRIP_WIDTH)
