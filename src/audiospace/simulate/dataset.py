"""Folders of simulated clips: made by one process or many, gone on with after an interruption."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from audiospace.errors import UserError
from audiospace.media import writing
from audiospace.simulate.clip_files import write_clip
from audiospace.simulate.dataset_card import copy_licences, dataset_card
from audiospace.simulate.simsphere import Recipe

INDEX_NAME, CARD_NAME = "simsphere.json", "README.md"


@dataclass(frozen=True)
class ClipTask:
    """One clip to make.

    Attributes:
        folder: Where its files go.
        recipe: What the data set is.
        number: Which of its clips.
    """

    folder: Path
    recipe: Recipe
    number: int


class RunTasks(Protocol):
    """Something that makes clips: the built-in `map`, or processes."""

    def __call__(self, function: Callable[[ClipTask], Path], tasks: Iterable[ClipTask], /) -> Iterable[Path]:
        """Apply a function to every task, giving the results in order."""


def write_dataset(
    folder: str | Path,
    recipe: Recipe,
    count: int,
    *,
    on_clip: Callable[[int, int], None] | None = None,
    run: RunTasks = map,
) -> Path:
    """Make the first clips of a data set, those of them that the folder lacks, and describe what it holds.

    Writes ID.mp4 (tagged 360 video), ID.wav (AmbiX, float) and ID.json (the truth) for each clip, beside them
    the index `simsphere.json`, the card `README.md` and, where recordings came with one, their licences.
    Index and card are written even when an error or an interruption ends the work.

    Args:
        folder: Folder, made if need be.
        recipe: What clip k is.
        count: Number of clips.
        on_clip: Called at first and after each clip with (clips that are there, count).
        run: How the clips are made: one after the other, unless something else is given.

    Returns:
        The index.

    Raises:
        UserError: The folder holds another data set, or something cannot be written or read.
    """
    target = Path(folder)
    head = recipe.described()
    _open(target, head)
    missing = [number for number in range(count) if not (target / f"{recipe.clip_id(number)}.json").exists()]
    done = count - len(missing)
    try:
        _tell(on_clip, done, count)
        for _ in run(make_clip, [ClipTask(target, recipe, number) for number in missing]):
            done += 1
            _tell(on_clip, done, count)
    finally:
        _sweep(target, recipe)
        index = _describe(target, head, recipe)
    return index


def make_clip(task: ClipTask) -> Path:
    """Make one clip.

    Args:
        task: Which.

    Returns:
        The path of its JSON file.

    Raises:
        UserError: A file cannot be written, or a recording not decoded.
    """
    recipe, name = task.recipe, task.recipe.clip_id(task.number)
    return write_clip(task.folder, name, recipe.scene(task.number), recipe.library(), recipe.layout)


def _tell(on_clip: Callable[[int, int], None] | None, done: int, count: int) -> None:
    if on_clip is not None:
        on_clip(done, count)


def _open(folder: Path, head: dict[str, Any]) -> None:
    """Make the folder, or see that what is in it goes with what is to come."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            "cannot be made a folder to write into", file=folder, remedy="Choose another folder"
        ) from error
    index = folder / INDEX_NAME
    if not index.exists():
        _write(index, json.dumps({**head, "clips": []}, indent=1))
        return
    found = _read(index)
    differing = [name for name, value in head.items() if found.get(name) != value]
    if differing:
        raise UserError(
            f"holds clips made with another {' and '.join(differing)}",
            file=folder,
            remedy="Choose another folder, or give the same options as before",
        )


def _describe(folder: Path, head: dict[str, Any], recipe: Recipe) -> Path:
    """Write index, card and licences of the clips that are whole."""
    clips = [_entry(_read(path)) for path in sorted(folder.glob(f"{_prefix(recipe)}*.json"))]
    index = folder / INDEX_NAME
    lines = ",\n".join(json.dumps(clip) for clip in clips)
    _write(index, json.dumps({**head, "clips": []}, indent=1).removesuffix("[]\n}") + f"[\n{lines}\n]\n}}")
    licences = copy_licences(recipe.sounds, folder)
    _write(folder / CARD_NAME, dataset_card(head, clips, licences))
    return index


def _entry(truth: dict[str, Any]) -> dict[str, Any]:
    """What the index says about a clip."""
    around = truth["ambience"]
    return {
        "id": truth["id"],
        "room": truth["room"] is not None,
        "behind": truth["behind"],
        "ambience": None if around is None else {"kind": around["kind"], "sound": around["sound"]},
        "sources": [
            {key: source[key] for key in ("kind", "sound", "sounding", "moving")}
            for source in truth["sources"]
        ],
    }


def _sweep(folder: Path, recipe: Recipe) -> None:
    """Remove what processes that were ended had under way."""
    for leftover in folder.glob(f".{_prefix(recipe)}*"):
        leftover.unlink(missing_ok=True)


def _prefix(recipe: Recipe) -> str:
    return f"sim-{recipe.split}-{recipe.seed}-"


def _read(path: Path) -> dict[str, Any]:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"is not a JSON file that can be read ({error})", file=path) from error
    if not isinstance(tree, dict):
        raise UserError("must hold a JSON object", file=path)
    return tree


def _write(path: Path, text: str) -> None:
    with writing(path) as temporary:
        temporary.write_text(text.rstrip() + "\n", encoding="utf-8")
