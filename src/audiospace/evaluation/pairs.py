"""Which sound files of two folders belong together."""

from dataclasses import dataclass
from pathlib import Path

from audiospace.errors import UserError

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".opus")
VIDEO_SUFFIXES = (".webm", ".mp4", ".mov", ".mkv")
OTHER_RESULTS = (".binaural", ".energy")
"""Files that `generate` writes and that hold no ambisonics."""


@dataclass(frozen=True)
class Pair:
    """The recorded and the generated sound of one clip.

    Attributes:
        clip: Name of the clip.
        reference: File with the recorded sound.
        generated: File with the generated sound.
    """

    clip: str
    reference: Path
    generated: Path


@dataclass(frozen=True)
class Pairing:
    """What two folders have in common.

    Attributes:
        pairs: Clips that both hold, by name.
        reference_only: Names of clips without a generated sound.
        generated_only: Names of clips without a reference.
    """

    pairs: tuple[Pair, ...]
    reference_only: tuple[str, ...]
    generated_only: tuple[str, ...]


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
    files = [
        path
        for pattern in ("*", "*/*")
        for path in sorted(folder.glob(pattern))
        if path.suffix.lower() in SOUND_SUFFIXES + VIDEO_SUFFIXES
        and not path.stem.endswith(OTHER_RESULTS)
        and not path.name.startswith(".")
        and path.is_file()
    ]
    if not files:
        raise UserError("holds no sound file", file=folder)
    found: dict[str, Path] = {}
    for path in sorted(files, key=_preference):
        found.setdefault(_clip_name(path), path)
    return dict(sorted(found.items()))


def pair(reference: Path, generated: Path) -> Pairing:
    """Match the sounds of two folders by the names of their clips.

    Args:
        reference: Folder of recorded sounds.
        generated: Folder of generated sounds.

    Returns:
        The matches, and what has no partner.

    Raises:
        UserError: A folder does not exist or holds no sound.
    """
    left, right = find_sounds(reference), find_sounds(generated)
    return Pairing(
        pairs=tuple(Pair(clip, left[clip], right[clip]) for clip in left if clip in right),
        reference_only=tuple(clip for clip in left if clip not in right),
        generated_only=tuple(clip for clip in right if clip not in left),
    )
