"""A sound without a video, placed: a file in, a first-order sound field out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audiospace.ambisonics import Direction, covariance_of_blocks, direction_of, gain_to_peak, peak_of
from audiospace.baselines.direction_track import Track
from audiospace.baselines.source_sound import stereo_of
from audiospace.baselines.spatialisation import spatialise
from audiospace.errors import UserError
from audiospace.generation.result import describe_direction
from audiospace.generation.staging import folders_made
from audiospace.media import store, write_sound
from audiospace.media.atomic import scratch
from audiospace.simulate import Room

SUFFIXES = (".wav", ".flac")


@dataclass(frozen=True)
class PlacedFile:
    """What was written.

    Attributes:
        path: The file: AmbiX, 4 channels, 24 bits.
        sample_rate: Hertz, that of the sound.
        seconds: Length, that of the sound.
        gain_decibels: What all channels were turned down by so as not to clip, in decibels, 0 or less.
        direction: Where the sound comes from on the whole, measured in what was written.
    """

    path: Path
    sample_rate: int
    seconds: float
    gain_decibels: float
    direction: Direction

    def summary(self) -> str:
        """Say where the sound comes from on the whole, in degrees."""
        return describe_direction(self.direction)

    def report(self) -> dict[str, object]:
        """Describe it as a tree that `json.dumps` takes."""
        return {
            "file": str(self.path),
            "convention": "AmbiX: channels W, Y, Z, X; SN3D",
            "sample_rate": self.sample_rate,
            "seconds": round(self.seconds, 6),
            "gain_db": round(self.gain_decibels, 3),
            "direction": self.summary(),
        }


def place_file(sound: Path, output: Path | None, track: Track, room: Room | None = None) -> PlacedFile:
    """Put a sound on a direction track and write the sound field, at the sound's own level, rate and length.

    Args:
        sound: A sound file, or a video with sound; of ambisonics W is placed.
        output: A .wav or .flac file, or a folder (made if need be) for NAME.foa.wav; the current one if None.
        track: Where to.
        room: A room whose reflections are added.

    Returns:
        What was written.

    Raises:
        UserError: The sound cannot be read or placed, or the file cannot be written; nothing is left then.
    """
    target = _target(sound, output)
    if target.exists() and sound.exists() and target.samefile(sound):
        raise UserError(
            "would overwrite the sound it is made from", file=target, remedy="Choose another name"
        )
    source = stereo_of(sound)
    with folders_made(target.parent), scratch(target) as temporary:
        field = store(spatialise(source, track, room), temporary)
        gain = gain_to_peak(peak_of(field.blocks()))
        write_sound(target, field.scaled(gain), subtype="PCM_24")
        found = direction_of(covariance_of_blocks(field.blocks()))
    seconds = source.samples / source.sample_rate
    return PlacedFile(target, source.sample_rate, seconds, 20 * float(np.log10(gain)), found)


def _target(sound: Path, output: Path | None) -> Path:
    if output is not None and output.suffix.lower() in SUFFIXES and not output.is_dir():
        return output
    folder = Path() if output is None else output
    if not folder.is_dir() and (folder.exists() or _names_a_kind(folder.suffix)):
        raise UserError("sound is written as .wav or .flac", file=folder)
    return folder / f"{sound.stem}.foa.wav"


def _names_a_kind(suffix: str) -> bool:
    """Whether a suffix is that of a file, as .mp3, and not the end of a folder's name, as in run-1.2."""
    return any(letter.isalpha() for letter in suffix)
