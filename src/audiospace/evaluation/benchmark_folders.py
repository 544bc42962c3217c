"""Where benchmarks keep the sound and the video of a clip.

- Sphere360: one folder of `VIDEOID_START.webm`, video with four-channel sound.
- YT360: `audio/VIDEOID-START.m4a` beside `video/VIDEOID-START.mp4`.
- Anything else is a folder of clips as `find_sounds` reads it.
"""

import re
from pathlib import Path
from typing import Literal

from audiospace.errors import UserError
from audiospace.evaluation.pairs import SOUND_SUFFIXES, VIDEO_SUFFIXES, find_sounds, find_videos

FolderLayout = Literal["sphere360", "yt360", "clips"]

_SPHERE360_CLIP = re.compile(r"[\w-]{11}_\d+", re.ASCII)
_YT360_CLIP = re.compile(r"[\w-]{11}-\d+", re.ASCII)
_YT360_SOUNDS = (".m4a", *SOUND_SUFFIXES)


def find_layout(folder: Path) -> FolderLayout:
    """Tell how a folder of clips is laid out.

    Args:
        folder: The folder.

    Returns:
        "yt360" if it has a subfolder `audio` with sounds that are named as in that dataset; "sphere360" if it
        holds itself files named as in that one; else "clips".

    Raises:
        UserError: The folder does not exist.
    """
    if not folder.is_dir():
        raise UserError("is not a folder", file=folder, remedy="Give a folder of clips")
    if any(_YT360_CLIP.fullmatch(path.stem) for path in _files(folder / "audio", _YT360_SOUNDS)):
        return "yt360"
    files = _files(folder, SOUND_SUFFIXES + VIDEO_SUFFIXES)
    return "sphere360" if any(_SPHERE360_CLIP.fullmatch(path.stem) for path in files) else "clips"


def find_sounds_in(folder: Path, layout: FolderLayout | None = None) -> dict[str, Path]:
    """Find the ambisonic sound of every clip in a folder, however it is laid out.

    Args:
        folder: The folder.
        layout: How it is laid out; by default, as `find_layout` tells.

    Returns:
        Path of the sound by name of the clip, sorted by name.

    Raises:
        UserError: The folder does not exist or holds no sound.
    """
    if (layout or find_layout(folder)) != "yt360":
        return find_sounds(folder)
    found = {path.stem: path for path in _files(folder / "audio", _YT360_SOUNDS)}
    if not found:
        raise UserError("holds no sound file", file=folder / "audio")
    return found


def find_videos_in(folder: Path, layout: FolderLayout | None = None) -> dict[str, Path]:
    """Find the video of every clip in a folder, however it is laid out.

    Args:
        folder: The folder.
        layout: How it is laid out; by default, as `find_layout` tells.

    Returns:
        Path of the video by name of the clip, sorted by name; may be empty.

    Raises:
        UserError: The folder does not exist.
    """
    if (layout or find_layout(folder)) != "yt360":
        return find_videos(folder)
    return {path.stem: path for path in _files(folder / "video", VIDEO_SUFFIXES)}


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file()
    ]
