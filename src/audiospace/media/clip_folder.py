"""A folder of clips: videos, their ambisonics and what is known about them, joined by name."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from audiospace.errors import UserError
from audiospace.media.opening import open_media

VIDEO_SUFFIXES = frozenset({".mp4", ".webm", ".mov", ".mkv", ".m4v"})
_SOUND_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".oga"})
# What `generate` writes carries its role before the suffix; the others of its files are no clip's parts.
_PART_ENDINGS = frozenset({".foa", ".spatial"})
_OTHER_ENDINGS = frozenset({".binaural", ".energy"})
_AMBISONIC_CHANNELS = frozenset({4, 6})

_Role = Literal["video", "sound", "info"]


@dataclass(frozen=True)
class Clip:
    """One clip of a folder.

    Attributes:
        id: Its name: that of its files without suffix, in Sphere360 ``VIDEOID_START``.
        video: The video, if there is one.
        sound: The file that holds its ambisonics, if there is one: the video itself where no other does.
        info: What its JSON file says: projection, rate, sources, ...; empty without one.
    """

    id: str
    video: Path | None
    sound: Path | None
    info: dict[str, Any] = field(default_factory=dict)


def read_clip_folder(path: str | Path) -> list[Clip]:
    """List the clips of a folder.

    Files that belong together have the same name: ``ID.mp4`` or ``ID.webm`` (video), ``ID.wav``,
    ``ID.flac`` or ``ID.ogg`` (ambisonics), ``ID.json``. Videos that carry four or six channels themselves
    and folders of sound alone will do, and so will the folders that ``generate`` writes, one per clip,
    with ``ID.foa.wav`` in them.

    Args:
        path: The folder.

    Returns:
        The clips with a video or a sound, sorted by their names.

    Raises:
        UserError: There is no such folder, it holds no clips, two files claim the same part of a clip, or a
            file is damaged.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise UserError("there is no such folder", file=folder)
    parts: dict[str, dict[str, Path]] = {}
    for file in _files(folder):
        found = _role(file)
        if found is None:
            continue
        name, role = found
        other = parts.setdefault(name, {}).setdefault(role, file)
        if other != file:
            raise UserError(f"is the {role} of clip {name}, but so is {other.name}", file=file)
    clips = [_clip(name, files) for name, files in sorted(parts.items()) if files.keys() & {"video", "sound"}]
    if not clips:
        raise UserError(
            "holds no clips", file=folder, remedy="Clips are ID.mp4 or ID.webm with ID.wav or ID.flac"
        )
    return clips


def _files(folder: Path) -> list[Path]:
    """The files of a folder and of its sub-folders that are named after what is in them."""
    files = [file for file in folder.iterdir() if file.is_file()]
    for inner in (child for child in folder.iterdir() if child.is_dir()):
        files += [
            file for file in inner.iterdir() if file.is_file() and file.name.startswith(f"{inner.name}.")
        ]
    return sorted(file for file in files if not file.name.startswith("."))


def _role(file: Path) -> tuple[str, _Role] | None:
    """Which part of which clip a file is, or None."""
    suffix, stem = file.suffix.lower(), file.stem
    ending = Path(stem).suffix
    if ending in _OTHER_ENDINGS:
        return None
    if ending in _PART_ENDINGS:
        stem = Path(stem).stem
    if suffix in VIDEO_SUFFIXES:
        return stem, "video"
    if suffix in _SOUND_SUFFIXES:
        return stem, "sound"
    return (stem, "info") if suffix == ".json" else None


def _clip(name: str, files: dict[str, Path]) -> Clip:
    video, sound = files.get("video"), files.get("sound")
    if sound is None and video is not None and _carries_ambisonics(video):
        sound = video
    return Clip(name, video, sound, _read_info(files.get("info")))


def _carries_ambisonics(video: Path) -> bool:
    with open_media(video) as container:
        streams = container.streams.audio
        return bool(streams) and streams[0].codec_context.layout.nb_channels in _AMBISONIC_CHANNELS


def _read_info(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        info = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"is not a JSON file that can be read ({error})", file=file) from error
    if not isinstance(info, dict):
        raise UserError("must hold a JSON object", file=file)
    return info
