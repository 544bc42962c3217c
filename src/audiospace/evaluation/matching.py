"""Which recorded sounds are compared with which generated ones, and what is odd about that."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audiospace.errors import UserError
from audiospace.evaluation.benchmark_folders import find_sounds_in
from audiospace.evaluation.benchmarks import Split
from audiospace.evaluation.clip import REFERENCE
from audiospace.evaluation.pairs import passed_over
from audiospace.evaluation.results import Finding
from audiospace.evaluation.trivial import TRIVIAL


@dataclass(frozen=True)
class Matched:
    """Clips with their files.

    Attributes:
        recorded: File with the recorded sound by name of the clip; those to be evaluated.
        generated: File with the generated sound by name of the system and of the clip.
        findings: Clips that one side lacks, or has several sounds of.
        notes: What the split is and how much of it is here.
    """

    recorded: Mapping[str, Path]
    generated: Mapping[str, Mapping[str, Path]]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def match_clips(reference: Path, folders: Mapping[str, Path], split: Split | None) -> Matched:
    """Find the sounds of every clip.

    Args:
        reference: Folder of recorded sounds.
        folders: Folder of generated sounds by name of the system.
        split: Clips to evaluate; all of the reference folder if None.

    Returns:
        The clips.

    Raises:
        UserError: A folder does not exist, holds no sound, a file whose name is no text, or no clip that is
            wanted; a system has the name of a row that every table has.
    """
    for name, folder in folders.items():
        if name in (REFERENCE, *TRIVIAL) or not name.strip():
            raise UserError(
                f"no system can be called {name!r}, which has another meaning in the tables",
                file=folder,
                remedy="Give it another name: NAME=DIR",
            )
    every = _sounds_of(reference)
    wanted = dict.fromkeys(every if split is None else split.clips)
    recorded = {clip: path for clip, path in every.items() if clip in wanted}
    if not recorded:
        raise UserError("holds no clip of the split", file=reference)
    generated = {name: _matching(folder, every, reference) for name, folder in folders.items()}
    findings = [
        Finding(REFERENCE, clip, "missing", "there is no recorded sound", counted=False)
        for clip in wanted
        if clip not in recorded
    ]
    findings += _several(REFERENCE, reference, recorded)
    for name, sounds in generated.items():
        findings += _unmatched(name, sounds, recorded, None if split is None else wanted)
        findings += _several(name, folders[name], recorded)
    notes = () if split is None else (_split_note(split, len(recorded), len(every) - len(recorded)),)
    return Matched(recorded, generated, tuple(findings), notes)


def _sounds_of(folder: Path) -> dict[str, Path]:
    sounds = find_sounds_in(folder)
    for path in sounds.values():
        name = os.fsencode(path).decode("utf-8", "backslashreplace")
        if name != str(path):
            raise UserError("the name of this file is no valid text", file=name, remedy="Rename it")
    return sounds


def _matching(folder: Path, recorded: Mapping[str, Path], reference: Path) -> dict[str, Path]:
    sounds = _sounds_of(folder)
    if not sounds.keys() & recorded.keys():
        raise UserError(
            f"no sound in this folder has the name of a clip in {reference}",
            file=folder,
            remedy="Files are matched by their names, for example ID.webm and ID.ogg or ID/ID.foa.wav",
        )
    return sounds


def _unmatched(
    system: str, sounds: Mapping[str, Path], recorded: Mapping[str, Path], wanted: Mapping[str, None] | None
) -> list[Finding]:
    """Name the clips that the system or the reference lacks; of a split, only its own."""
    lacking = [
        Finding(system, clip, "missing", "there is no generated sound", counted=False)
        for clip in recorded
        if clip not in sounds
    ]
    strangers = [
        Finding(system, clip, "no reference", "there is no recorded sound", counted=False)
        for clip in sounds
        if clip not in recorded and (wanted is None or clip in wanted)
    ]
    return lacking + strangers


def _several(system: str, folder: Path, recorded: Mapping[str, Path]) -> list[Finding]:
    """Name the clips that have several sounds, of which one had to be taken."""
    return [
        Finding(
            system,
            clip,
            "several files",
            f"not taken: {', '.join(str(path.relative_to(folder)) for path in paths)}",
            counted=True,
        )
        for clip, paths in passed_over(folder).items()
        if clip in recorded
    ]


def _split_note(split: Split, found: int, others: int) -> str:
    source = f"{split.source}, SHA-256 {split.sha256[:16]}"
    rest = f"; other clips here, left out: {others}" if others else ""
    return f"{found} of the {len(split.clips)} clips of {split.name} ({source}) are here{rest}"
