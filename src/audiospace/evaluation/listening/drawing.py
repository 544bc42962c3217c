"""Drawing a plan: clips, blind names, sessions, and the files that are played."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from audiospace.errors import UserError
from audiospace.evaluation.listening.plan import ANCHOR, REFERENCE, Design, LeftOut, Plan, Stimulus, Trial
from audiospace.evaluation.listening.rules import OPEN_REFERENCE_FLOOR, Screening
from audiospace.evaluation.listening.scales import require_scales
from audiospace.evaluation.listening.sessions import Session, arrange_sessions, deal_clips, first_half
from audiospace.evaluation.listening.stimuli import FOLDER, write_stimulus
from audiospace.evaluation.pairs import find_sounds
from audiospace.media import file_sha256

_LETTERS = tuple("bcdfghjkmnpqrstvwxz")
"""Without vowels there are no words, without digits no spreadsheet takes a name for a number."""
_NAME_LENGTH = 6
_REPEATS = 4

Progress = Callable[[int, int], None]
"""Called with the sounds prepared and their number."""


@dataclass(frozen=True)
class _Sources:
    """The sounds that every system has.

    Attributes:
        systems: Names of all systems, the reference first and the anchor last.
        files: File by name of the clip and the system.
        clips: Names of the clips.
        left_out: The others.
    """

    systems: tuple[str, ...]
    files: Mapping[tuple[str, str], Path]
    clips: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def draw_plan(
    reference: Path,
    systems: Mapping[str, Path],
    design: Design,
    folder: Path,
    *,
    seed: int,
    on_progress: Progress | None = None,
) -> Plan:
    """Draw a balanced, blind plan and prepare the files that are played.

    Each rater hears some clips, each from all systems; the recorded sound is one of them under a blind name.
    The same seed, folders and design give the same plan.

    Args:
        reference: Folder of recorded sounds, or of videos with them.
        systems: Folder of generated sounds by name of the system.
        design: What is wished for.
        folder: Folder of the plan, in which copies and anchors are written.
        seed: Seed of the draw.
        on_progress: Called as the sounds are prepared.

    Returns:
        The plan.

    Raises:
        UserError: A folder has no sounds, no clip is in all of them, the design asks for what is not there,
            or a sound cannot be copied.
    """
    _check(design, systems)
    generator = np.random.default_rng(seed)
    sources = _choose(_gather(reference, systems, anchor=design.anchor), design, generator)
    design = _filled(design, len(sources.clips), len(sources.systems))
    hands = deal_clips(len(sources.clips), design.raters, design.clips_per_rater or 0, generator)
    sessions = arrange_sessions(hands, len(sources.systems), design.repeats or 0, generator)
    names = _blind_names(sessions, generator)
    stimuli, notes = _prepare(names, sources, design, folder, on_progress)
    screening = Screening(reference_floor=OPEN_REFERENCE_FLOOR if design.open_reference else None)
    trials = _trials(sessions, names)
    return Plan(seed, design, screening, sources.systems, stimuli, trials, sources.left_out, notes)


def _check(design: Design, systems: Mapping[str, Path]) -> None:
    require_scales(design.scales)
    if not systems:
        raise UserError("A listening test needs at least one system", remedy="Give --system NAME=DIR")
    for name in (REFERENCE, ANCHOR):
        if name in systems:
            raise UserError(f"No system can be called {name!r}: the test adds one of that name")
    if design.raters < 1:
        raise UserError("A listening test needs at least one rater")
    if design.repeats is not None and design.repeats < 0:
        raise UserError("The number of repeats cannot be negative")
    for count in (design.clips, design.clips_per_rater):
        if count is not None and count < 1:
            raise UserError("A listening test needs at least one clip")
    if design.loudness is not None and not design.copies:
        raise UserError("Only copies can be brought to one loudness", remedy="Ask for copies too (--copy)")


def _gather(reference: Path, systems: Mapping[str, Path], *, anchor: bool) -> _Sources:
    found = {name: find_sounds(folder) for name, folder in {REFERENCE: reference, **systems}.items()}
    every = sorted(set().union(*found.values()))
    lacking = {clip: [name for name in found if clip not in found[name]] for clip in every}
    shared = tuple(clip for clip in every if not lacking[clip])
    if not shared:
        raise UserError("No clip is in all folders", remedy="Clips are matched by the names of their files")
    files = {(clip, name): found[name][clip].resolve() for clip in shared for name in found}
    if anchor:
        files |= {(clip, ANCHOR): files[clip, REFERENCE] for clip in shared}
    left_out = tuple(
        LeftOut(clip, "missing in " + ", ".join(names)) for clip, names in lacking.items() if names
    )
    return _Sources((*found, ANCHOR) if anchor else tuple(found), files, shared, left_out)


def _choose(sources: _Sources, design: Design, generator: np.random.Generator) -> _Sources:
    available = len(sources.clips)
    wanted = available if design.clips is None else design.clips
    if wanted > available:
        raise UserError(f"{wanted} clips are asked for, but only {available} are in all folders")
    drawn = {sources.clips[index] for index in generator.permutation(available)[:wanted]}
    others = tuple(LeftOut(clip, "not drawn") for clip in sources.clips if clip not in drawn)
    return replace(sources, clips=tuple(sorted(drawn)), left_out=sources.left_out + others)


def _filled(design: Design, clips: int, systems: int) -> Design:
    each = clips if design.clips_per_rater is None else design.clips_per_rater
    if each > clips:
        raise UserError(f"Each rater is to hear {each} clips, but the test has only {clips}")
    if each * design.raters < clips:
        raise UserError(
            f"{design.raters} raters with {each} clips each do not hear all {clips} clips",
            remedy="Ask for more raters, more clips for each, or fewer clips in the test",
        )
    most = first_half(each) * systems
    repeats = min(_REPEATS, most) if design.repeats is None else design.repeats
    if repeats > most:
        raise UserError(f"{repeats} repeats are asked for, but only {most} sounds can be repeated")
    return replace(design, clips=clips, clips_per_rater=each, repeats=repeats)


_Sound = tuple[int, int, bool]
"""Indices of the clip and the system, and whether it is heard again."""


def _blind_names(sessions: tuple[Session, ...], generator: np.random.Generator) -> dict[_Sound, str]:
    sounds = sorted({(one.clip, one.system, one.repeat) for session in sessions for one in session})
    names: dict[str, None] = {}
    while len(names) < len(sounds):
        names["".join(generator.choice(_LETTERS, _NAME_LENGTH))] = None
    return dict(zip(sounds, names, strict=True))


def _prepare(
    names: Mapping[_Sound, str],
    sources: _Sources,
    design: Design,
    folder: Path,
    on_progress: Progress | None,
) -> tuple[tuple[Stimulus, ...], tuple[str, ...]]:
    stimuli, notes = [], []
    for done, ((clip_index, system_index, repeat), name) in enumerate(names.items(), start=1):
        clip, system = sources.clips[clip_index], sources.systems[system_index]
        source = sources.files[clip, system]
        played, file = source, str(source)
        if design.copies or system == ANCHOR:
            file = f"{FOLDER}/{name}.wav"
            played = folder / file
            played.parent.mkdir(exist_ok=True)
            remark = write_stimulus(source, played, anchor=system == ANCHOR, lufs=design.loudness)
            if remark is not None:
                notes.append(f"{system}, {clip}: {remark}.")
        stimuli.append(Stimulus(name, clip, system, str(source), file, file_sha256(played), repeat))
        if on_progress is not None:
            on_progress(done, len(names))
    return tuple(sorted(stimuli, key=lambda one: one.id)), tuple(dict.fromkeys(notes))


def _trials(sessions: tuple[Session, ...], names: Mapping[_Sound, str]) -> tuple[Trial, ...]:
    digits = max(2, len(str(len(sessions))))
    return tuple(
        Trial(f"r{index:0{digits}}", number, one.block, names[one.clip, one.system, one.repeat])
        for index, session in enumerate(sessions, start=1)
        for number, one in enumerate(session, start=1)
    )
