"""Which clips a folder holds, by their names alone: nothing is opened, so that damage stops nothing."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from audiospace.errors import UserError
from audiospace.media import VIDEO_SUFFIXES

SOUND_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".oga", ".mp3", ".m4a", ".aif", ".aiff"})
PARTS = frozenset({".foa", ".spatial"})
"""What `generate` puts before the suffix of a clip's sound and video."""
OTHERS = frozenset({".binaural", ".energy"})
"""And of files that are neither."""

_Role = Literal["video", "sound", "info"]


@dataclass(frozen=True)
class SourceClip:
    """A clip to be prepared.

    Attributes:
        id: Unique, made of letters, digits, hyphens and underscores.
        video: The video, if there is one.
        sound: The sound; the video itself where no other file is there.
        info: Its JSON file, if there is one.
    """

    id: str
    video: Path | None
    sound: Path
    info: Path | None


def find_sources(folders: Sequence[Path], *, seed: int) -> tuple[SourceClip, ...]:
    """List the clips below some folders, to the bottom.

    Args:
        folders: Clip folders: ID.mp4 or ID.webm, ID.wav or ID.flac, ID.json; or sounds alone.
        seed: Of the order.

    Returns:
        The clips in an order that depends on their names and the seed alone: what is in one folder or of one
        name comes apart.

    Raises:
        UserError: A folder is not there or holds no clip, or two files claim the same part of a clip.
    """
    clips: dict[str, SourceClip] = {}
    for folder in folders:
        found = _clips(folder)
        if not found:
            raise UserError(
                "holds no clips", file=folder, remedy="Clips are ID.mp4 or ID.webm with ID.wav or ID.flac"
            )
        for clip in found:
            taken = clip.id in clips and clips[clip.id].sound != clip.sound
            unique = _renamed(clip) if taken else clip
            clips[unique.id] = unique
    return tuple(sorted(clips.values(), key=lambda clip: _shuffling_key(clip.id, seed)))


def _clips(folder: Path) -> list[SourceClip]:
    if not folder.is_dir():
        raise UserError("there is no such folder", file=folder)
    parts: dict[str, dict[_Role, Path]] = {}
    for file in sorted(folder.rglob("*")):
        role = _role(file)
        if role is None or any(part.startswith(".") for part in file.relative_to(folder).parts):
            continue
        stem = file.stem.removesuffix(".foa").removesuffix(".spatial")
        other = parts.setdefault(str(file.parent / stem), {}).setdefault(role, file)
        if other != file:
            raise UserError(f"is the {role} of a clip, but so is {other.name}", file=file)
    return [
        _clip(folder, Path(name), files) for name, files in parts.items() if {"video", "sound"} & set(files)
    ]


def _role(file: Path) -> _Role | None:
    suffix = file.suffix.lower()
    if Path(file.stem).suffix in OTHERS or not file.is_file():
        return None
    if suffix in VIDEO_SUFFIXES:
        return "video"
    if suffix in SOUND_SUFFIXES:
        return "sound"
    return "info" if suffix == ".json" else None


def _clip(folder: Path, name: Path, files: dict[_Role, Path]) -> SourceClip:
    video = files.get("video")
    sound = files.get("sound", video)
    assert sound is not None  # noqa: S101  one of the two is there
    relative = name.relative_to(folder)
    # The folder that `generate` makes for a clip has the clip's name.
    inside = relative.parent if relative.name == relative.parent.name else relative
    return SourceClip(_plain(inside.as_posix()), video, sound, files.get("info"))


def _renamed(clip: SourceClip) -> SourceClip:
    """A clip whose name is taken gets a piece of a hash of its path."""
    digest = hashlib.sha256(str(clip.sound).encode()).hexdigest()[:8]
    return SourceClip(f"{clip.id}_{digest}", clip.video, clip.sound, clip.info)


def _plain(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name, flags=re.ASCII).strip("_") or "clip"


def _shuffling_key(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()
