"""Which videos a batch is of: files, whole folders, lists of paths."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from audiospace.errors import UserError
from audiospace.generation.request import check_name
from audiospace.media import VIDEO_SUFFIXES

LIST_SUFFIX = ".txt"
COMMENT = "#"


@dataclass(frozen=True)
class BatchClip:
    """One video of a batch.

    Attributes:
        name: Name of the clip, and of the folder with its results.
        video: The file.
    """

    name: str
    video: Path


def is_many(path: Path) -> bool:
    """Tell whether a path stands for many videos: a folder, or a list (a .txt file)."""
    return path.is_dir() or path.suffix.lower() == LIST_SUFFIX


def find_clips(paths: Iterable[str | Path], *, recursive: bool = False) -> tuple[BatchClip, ...]:
    """List the videos of a batch.

    Args:
        paths: Videos, folders (their videos, sorted by name) and lists: .txt files with one path a line,
            relative to the list; empty lines and lines that begin with # do not count.
        recursive: Whether folders are searched to the bottom; folders that hold a result are passed over.

    Returns:
        The clips in order, each file once.

    Raises:
        UserError: A folder or list cannot be read or holds no video, or two clips have the same name.
    """
    clips: dict[str, BatchClip] = {}
    for video in (video for path in paths for video in _videos(Path(path), recursive)):
        clip = BatchClip(check_name(video), video)
        other = clips.setdefault(clip.name, clip)
        if other.video.absolute() != video.absolute():
            raise UserError(
                f"would write to the same folder as {other.video}: both are called {clip.name}",
                file=video,
                remedy="Rename one of them, or give them in two runs with different output folders",
            )
    if not clips:
        raise UserError("no video was given")
    return tuple(clips.values())


def _videos(path: Path, recursive: bool) -> list[Path]:
    if not is_many(path):
        return [path]
    found = list(_in_folder(path, recursive)) if path.is_dir() else _in_list(path)
    if not found:
        kind = "folder" if path.is_dir() else "list"
        hint = "Use --recursive to look into the folders below it" if path.is_dir() and not recursive else ""
        raise UserError(f"there is no video in this {kind}", file=path, remedy=hint)
    return found


def _in_folder(folder: Path, recursive: bool) -> Iterator[Path]:
    try:
        children = sorted(child for child in folder.iterdir() if not child.name.startswith("."))
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=folder) from error
    for child in children:
        if child.is_dir():
            if recursive and not _is_result(child):
                yield from _in_folder(child, recursive)
        elif child.suffix.lower() in VIDEO_SUFFIXES:
            yield child


def _is_result(folder: Path) -> bool:
    return all((folder / f"{folder.name}{ending}").is_file() for ending in (".json", ".foa.wav"))


def _in_list(file: Path) -> list[Path]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=file) from error
    except UnicodeDecodeError as error:
        raise UserError("is not a list of paths: it is not UTF-8 text", file=file) from error
    entries = (line.strip() for line in lines)
    return [file.parent / entry for entry in entries if entry and not entry.startswith(COMMENT)]
