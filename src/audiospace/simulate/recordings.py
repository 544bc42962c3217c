"""Folders of labelled recordings: which kind a file is, which split it belongs to, and its samples."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media.audio import read_audio
from audiospace.simulate.kinds import KINDS
from audiospace.simulate.shares import Split, split_of

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3"})

ALIASES: dict[str, str] = {
    "dog_bark": "dog",
    "barking": "dog",
    "birds": "bird",
    "robin": "bird",
    "chirping_birds": "bird",
    "crow": "bird",
    "hen": "rooster",
    "crickets": "insect",
    "summer_night": "insect",
    "insects": "insect",
    "humpback": "whale",
    "chain_saw": "chainsaw",
    "clock_tick": "clock",
    "clock_alarm": "clock",
    "fire_crackling": "fire",
    "crackling_fire": "fire",
    "fireplace": "fire",
    "helicopter": "aircraft",
    "airplane": "aircraft",
    "sea_waves": "sea",
    "waves": "sea",
    "storm": "rain",
    "thunderstorm": "rain",
    "city": "road_vehicle",
    "traffic": "road_vehicle",
    "car": "road_vehicle",
    "siren": "road_vehicle",
    "engine": "tractor",
    "acoustic_guitar_and_voice": "guitar",
    "string_orchestra": "strings",
    "violin": "strings",
    "solo_trumpet": "wind_instrument",
    "trumpet": "wind_instrument",
    "flute": "wind_instrument",
    "celesta_orchestra": "keys",
    "piano": "keys",
    "jazz_vibraphone": "drums",
    "concert": "stage",
    "baby_cry": "baby",
    "crying_baby": "baby",
    "person_sneeze": "people",
    "sneezing": "people",
    "speech": "people",
    "laughing": "people",
    "coffee_shop": "crowd",
    "clapping": "crowd",
    "stream": "water",
    "pouring_water": "water",
}
"""From names used by sound collections to kinds."""


@dataclass(frozen=True)
class Recording:
    """One labelled file of sound.

    Attributes:
        path: The file.
        kind: What it is a recording of.
        split: The split of SimSphere that may play it, or None (`shares.split_of`).
    """

    path: Path
    kind: str
    split: Split | None

    @property
    def origin(self) -> str:
        """Its file name with its folder: what a drawn sound says it is from."""
        return f"{self.path.parent.name}/{self.path.name}"


def kind_of(path: Path) -> str | None:
    """Name the kind of a recording after its file, else after its folder.

    Args:
        path: A sound file.

    Returns:
        One of `KINDS`, or None where neither name is known.
    """
    for name in (path.stem, path.parent.name):
        plain = re.sub(r"[^a-z]+", "_", name.lower()).strip("_")
        if plain in KINDS:
            return plain
        if plain in ALIASES:
            return ALIASES[plain]
    return None


def find_recordings(folders: Iterable[str | Path]) -> tuple[Recording, ...]:
    """List the labelled recordings under some folders.

    Args:
        folders: Folders to walk.

    Returns:
        The recordings whose kind is known, sorted by path within each folder.

    Raises:
        UserError: A folder does not exist, or holds no recording of a known kind.
    """
    found: list[Recording] = []
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise UserError("no such folder of recordings", file=folder)
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        labelled = [(path, kind_of(path)) for path in files]
        known = [Recording(path, kind, split_of(path)) for path, kind in labelled if kind is not None]
        if not known:
            raise UserError(
                "no recording of a known kind in this folder",
                file=folder,
                remedy=f"Name files or their folders after one of: {', '.join(KINDS)}",
            )
        found.extend(known)
    return tuple(found)


def load_recording(path: Path, sample_rate: int) -> NDArray[np.float32]:
    """Decode a recording to mono without the silence at its ends.

    Args:
        path: A sound file.
        sample_rate: Wanted samples a second.

    Returns:
        Samples, shape (n,), n >= 1.

    Raises:
        UserError: The file cannot be decoded or is silent.
    """
    mono = read_audio(path, sample_rate=sample_rate).samples.mean(axis=0)
    peak = float(np.abs(mono).max(initial=0.0))
    loud = np.flatnonzero(np.abs(mono) > 10 ** (-50 / 20) * peak)
    if peak < 1e-5:
        raise UserError("this recording is silent", file=path, remedy="Remove it from the folder")
    margin = sample_rate // 100
    trimmed: NDArray[np.float32] = mono[max(0, loud[0] - margin) : loud[-1] + margin].astype(np.float32)
    return trimmed
