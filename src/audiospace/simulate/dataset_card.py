"""The card of a folder of simulated clips: what is in it, how often, from where and under which licence."""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from audiospace.media import writing
from audiospace.simulate.sources import PROCEDURAL

LICENCE_STEMS = ("attribution", "license", "licence", "copying", "credits")
"""How files that say who made recordings, and what may be done with them, are called, in small letters."""
LICENCE_FOLDER = "licences"

Entry = Mapping[str, Any]


def dataset_card(head: Mapping[str, Any], clips: Sequence[Entry], licences: Sequence[Path]) -> str:
    """Write the card.

    Args:
        head: What the data set is, as `Recipe.described` says it.
        clips: What the index says about each clip.
        licences: Files about the recordings, relative to the folder.

    Returns:
        Markdown.
    """
    split, seconds = head["split"], float(head["seconds"])
    parts = [
        f"# SimSphere {head['version']}, {split} split, seed {head['seed']}",
        f"{len(clips)} simulated 360-degree clips of {seconds:g} s ({len(clips) * seconds / 3600:.2f} h), "
        "made by `audiospace simulate`. `ID.mp4` is the equirectangular video, `ID.wav` the first-order "
        "sound field (AmbiX: ACN order W, Y, Z, X, SN3D), `ID.json` the truth: what is seen and heard, where "
        "and how loud, every tenth of a second. `simsphere.json` lists the clips. "
        f"{head['frames_per_second']:g} frames of {2 * head['height']} x {head['height']} pixels a second; "
        f"{head['sample_rate']} Hz.",
        "## Conditions",
        _table(("condition", "clips"), _conditions(clips)),
        "## Kinds",
        "Sources by kind: heard, of those moving; seen only; and clips in which it is the diffuse ambience.",
        _table(("kind", "heard", "moving", "seen only", "ambience"), _kinds(clips)),
        "## Sounds",
        *_sounds(head, clips, licences),
        "## Limits",
        "Pictures are flat synthetic looks on painted backgrounds, not photographs. Rooms are empty boxes "
        "whose walls reflect all frequencies alike, after image sources of the sixth order. There is no "
        "travel time between picture and direct sound, no Doppler shift, and every source is a point.",
    ]
    return "\n\n".join(parts)


def copy_licences(sounds: Iterable[Path], folder: Path) -> tuple[Path, ...]:
    """Copy the files that say who made recordings and what may be done with them.

    Args:
        sounds: Folders of recordings.
        folder: The data set's folder.

    Returns:
        The copies, relative to the data set's folder.

    Raises:
        UserError: A copy cannot be written.
    """
    copies = []
    for sound_folder in map(Path.resolve, sounds):
        for path in sorted(sound_folder.rglob("*")):
            if path.is_file() and path.stem.lower().startswith(LICENCE_STEMS):
                inside = path.relative_to(sound_folder.parent)
                copies.append(Path(LICENCE_FOLDER) / "-".join(inside.parts))
                (folder / LICENCE_FOLDER).mkdir(exist_ok=True)
                with writing(folder / copies[-1]) as temporary:
                    shutil.copyfile(path, temporary)
    return tuple(copies)


def _conditions(clips: Sequence[Entry]) -> list[tuple[str, int]]:
    heard = [[source for source in clip["sources"] if source["sounding"]] for clip in clips]
    counts = Counter(len(sources) for sources in heard)
    return [
        *((f"{number} sounding source{'s' * (number > 1)}", counts[number]) for number in sorted(counts)),
        (
            "something is seen and not heard",
            sum(len(c["sources"]) > len(h) for c, h in zip(clips, heard, strict=True)),
        ),
        ("all sources stand still", sum(not any(s["moving"] for s in sources) for sources in heard)),
        ("some source moves", sum(any(s["moving"] for s in sources) for sources in heard)),
        ("in a room", sum(clip["room"] for clip in clips)),
        ("in the open air", sum(not clip["room"] for clip in clips)),
        ("all that sounds stays behind the camera", sum(clip["behind"] for clip in clips)),
        ("the ambience is noise", sum(_around(clip) == "noise" for clip in clips)),
        (
            "the ambience is a recording or texture",
            sum(_around(clip) not in (None, "noise") for clip in clips),
        ),
    ]


def _around(clip: Entry) -> str | None:
    return None if clip["ambience"] is None else str(clip["ambience"]["kind"])


def _kinds(clips: Sequence[Entry]) -> list[tuple[str, int, int, int, int]]:
    sources = [source for clip in clips for source in clip["sources"]]
    around = Counter(_around(clip) for clip in clips)
    rows = []
    for kind in sorted({source["kind"] for source in sources} | {kind for kind in around if kind}):
        those = [source for source in sources if source["kind"] == kind]
        heard = [source for source in those if source["sounding"]]
        moving = sum(source["moving"] for source in heard)
        rows.append((kind, len(heard), moving, len(those) - len(heard), around[kind]))
    return rows


def _sounds(head: Mapping[str, Any], clips: Sequence[Entry], licences: Sequence[Path]) -> list[str]:
    played = Counter(
        source["sound"]
        for clip in clips
        for source in (*clip["sources"], clip["ambience"])
        if source and source["sound"]
    )
    procedural = played.pop(PROCEDURAL, 0)
    text = [
        f"{procedural} of {procedural + played.total()} sounds are procedural: AudioSpace synthesised them, "
        f"and they are as free as it is. The others are cut from {len(played)} of the split's "
        f"{head['recordings']['count']} recordings. No recording is played in two splits."
    ]
    if played:
        listed = ", ".join(f"[{path.name}]({path.as_posix()})" for path in licences)
        text.append(
            f"Recordings keep their authors' licences: see {listed}."
            if licences
            else "Recordings keep their authors' licences; their folders said nothing about them."
        )
        text.append(_table(("recording", "played"), sorted(played.items())))
    return text


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    rules = ["---", *["---:"] * (len(names) - 1)]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (names, rules, *rows))
