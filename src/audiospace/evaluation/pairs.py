"""Which files of a folder belong to which clip."""

import json
from pathlib import Path

from audiospace.errors import UserError

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".opus")
VIDEO_SUFFIXES = (".webm", ".mp4", ".mov", ".mkv")
OTHER_RESULTS = (".binaural", ".energy")
"""Files that `generate` writes and that hold no ambisonics."""


def _clip_name(path: Path) -> str:
    return path.stem.removesuffix(".foa").removesuffix(".spatial")


def _preference(path: Path) -> int:
    if path.stem.endswith(".foa"):
        return 0
    return 1 if path.suffix.lower() in SOUND_SUFFIXES else 2


def find_sounds(folder: Path) -> dict[str, Path]:
    """Find the ambisonic sound of every clip in a folder.

    A clip is `ID.wav` (or FLAC, Ogg), a video that carries its sound, or a result folder `ID/ID.foa.wav` as
    `generate` writes it. Where a clip has several files, a `.foa` file is taken first, then any other sound,
    then a video.

    Args:
        folder: Folder to look in; its subfolders are looked into, theirs are not.

    Returns:
        Path of the sound by name of the clip, sorted by name.

    Raises:
        UserError: The folder does not exist or holds no sound.
    """
    if not folder.is_dir():
        raise UserError("is not a folder", file=folder, remedy="Give a folder of sound files")
    files = _files(folder, SOUND_SUFFIXES + VIDEO_SUFFIXES)
    if not files:
        raise UserError("holds no sound file", file=folder)
    found: dict[str, Path] = {}
    for path in sorted(files, key=_preference):
        found.setdefault(_clip_name(path), path)
    return dict(sorted(found.items()))


def find_videos(folder: Path) -> dict[str, Path]:
    """Find the video of every clip in a folder, whether or not its sound is in another file.

    Args:
        folder: Folder to look in, as for `find_sounds`.

    Returns:
        Path of the video by name of the clip, sorted by name; may be empty. Of a result folder it is
        `ID.spatial.mp4`.
    """
    files = _files(folder, VIDEO_SUFFIXES)
    return {_clip_name(path): path for path in sorted(files, reverse=True)}


def find_captions(folder: Path) -> dict[str, str]:
    """Find what the clips of a folder are said to sound like.

    Args:
        folder: Folder with `ID.json` files; those that hold a text named "caption" count.

    Returns:
        Caption by name of the clip.
    """
    captions = {}
    for path in folder.glob("*.json"):
        try:
            info = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        caption = info.get("caption") if isinstance(info, dict) else None
        if isinstance(caption, str) and caption.strip():
            captions[_clip_name(path)] = caption.strip()
    return captions


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return [
        path
        for pattern in ("*", "*/*")
        for path in sorted(folder.glob(pattern))
        if path.suffix.lower() in suffixes
        and not path.stem.endswith(OTHER_RESULTS)
        and not path.name.startswith(".")
        and path.is_file()
    ]
