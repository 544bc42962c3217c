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


def find_sounds(folder: str | Path) -> dict[str, Path]:
    """Find the ambisonic sound of every clip in a folder.

    A clip is `ID.wav` (or FLAC, Ogg), a video that carries its sound, or a result folder `ID/ID.foa.wav` as
    `generate` writes it. Where a clip has several files, a `.foa` file is taken first, then any other sound,
    then a video; of several of one sort the first by name, those of the folder itself before those of
    subfolders (`passed_over` names the others).

    Args:
        folder: Folder to look in; its subfolders are looked into, theirs are not.

    Returns:
        Path of the sound by name of the clip, sorted by name.

    Raises:
        UserError: The folder does not exist or holds no sound.
    """
    if not Path(folder).is_dir():
        raise UserError("is not a folder", file=folder, remedy="Give a folder of sound files")
    found = _by_clip(folder)
    if not found:
        raise UserError("holds no sound file", file=folder)
    return {clip: paths[0] for clip, paths in found.items()}


def passed_over(folder: str | Path) -> dict[str, tuple[Path, ...]]:
    """Find the sounds that could as well have been taken for a clip as the one that `find_sounds` takes.

    Args:
        folder: Folder to look in, as for `find_sounds`.

    Returns:
        Paths of the other files of the same sort, by name of the clip; clips without any are left out.
    """
    alike = {
        clip: tuple(path for path in paths[1:] if _preference(path) == _preference(paths[0]))
        for clip, paths in _by_clip(folder).items()
    }
    return {clip: paths for clip, paths in alike.items() if paths}


def _by_clip(folder: str | Path) -> dict[str, list[Path]]:
    """Give the files of every clip, the preferred one first."""
    found: dict[str, list[Path]] = {}
    for path in sorted(_files(folder, SOUND_SUFFIXES + VIDEO_SUFFIXES), key=_preference):
        found.setdefault(_clip_name(path), []).append(path)
    return dict(sorted(found.items()))


def find_videos(folder: str | Path) -> dict[str, Path]:
    """Find the video of every clip in a folder, whether or not its sound is in another file.

    Args:
        folder: Folder to look in, as for `find_sounds`.

    Returns:
        Path of the video by name of the clip, sorted by name; may be empty. Of a result folder it is
        `ID.spatial.mp4`.
    """
    files = _files(folder, VIDEO_SUFFIXES)
    return {_clip_name(path): path for path in sorted(files, reverse=True)}


def find_captions(folder: str | Path) -> dict[str, str]:
    """Find what the clips of a folder are said to sound like.

    Args:
        folder: Folder with `ID.json` files; those that hold a text named "caption" count.

    Returns:
        Caption by name of the clip.
    """
    captions = {}
    for path in sorted(Path(folder).glob("*.json")):
        try:
            info = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        caption = info.get("caption") if isinstance(info, dict) else None
        if isinstance(caption, str) and caption.strip():
            captions[_clip_name(path)] = caption.strip()
    return captions


def _files(folder: str | Path, suffixes: tuple[str, ...]) -> list[Path]:
    return [
        path
        for pattern in ("*", "*/*")
        for path in sorted(Path(folder).glob(pattern))
        if path.suffix.lower() in suffixes
        and not path.stem.endswith(OTHER_RESULTS)
        and not path.name.startswith(".")
        and path.is_file()
    ]
