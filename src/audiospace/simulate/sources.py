"""The library of sounds that sources of a scene make: recordings where given, procedural otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.simulate.kinds import EVENT_KINDS, KINDS
from audiospace.simulate.recordings import Recording, find_recordings, load_recording
from audiospace.simulate.shares import Split
from audiospace.simulate.sounds import GENERATORS

RMS = 0.1
"""Root mean square of every drawn sound."""
PEAK = 0.98
"""Largest magnitude of a drawn sound; very peaky sounds are held below this and so are quieter than `RMS`."""
PROCEDURAL_SHARE = 0.2
"""How often a kind that has recordings is drawn from its generator nevertheless, at least."""

PROCEDURAL = "procedural"
"""The origin of a sound that was synthesised."""

Mono = NDArray[np.float32]


@dataclass(frozen=True)
class DrawnSound:
    """A sound and where it came from.

    Attributes:
        samples: Mono, shape (n,), float32.
        origin: 'procedural' or the recording's file name with its folder.
    """

    samples: Mono
    origin: str


@dataclass(frozen=True)
class SoundLibrary:
    """Sounds by kind. Recordings are decoded when first drawn and then kept in memory.

    Attributes:
        recordings: From kind to its recordings.
        generators: From kind to its procedural generator.
        generator_worth: As many recordings count as much as a generator does: of a kind with fewer, most
            sounds are synthesised. 0 draws from the generator `PROCEDURAL_SHARE` of the time.
    """

    recordings: Mapping[str, tuple[Recording, ...]]
    generators: Mapping[str, Callable[[int, int, np.random.Generator], NDArray[np.float64]]]
    generator_worth: int = 0
    _decoded: dict[tuple[Path, int], Mono] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def procedural(cls) -> "SoundLibrary":
        """The library that needs no files: a generator for every kind."""
        return cls({}, GENERATORS)

    @classmethod
    def from_folder(
        cls,
        *folders: str | Path,
        include_procedural: bool = True,
        split: Split | None = None,
        generator_worth: int = 0,
    ) -> "SoundLibrary":
        """Build a library from folders of labelled recordings.

        Args:
            *folders: Folders to walk; a file's kind is its own or its folder's name (`recordings.kind_of`).
            include_procedural: Keep the generators, for kinds without recordings and for variety.
            split: Keep only what this split of SimSphere may play (`shares.split_of`); None keeps all.
            generator_worth: How many recordings count as much as a generator.

        Returns:
            The library. Nothing is decoded yet.

        Raises:
            UserError: A folder is missing or holds no recording of a known kind.
        """
        found = find_recordings(folders)
        kept = [recording for recording in found if split in (None, recording.split)]
        by_kind = {kind: tuple(r for r in kept if r.kind == kind) for kind in KINDS}
        recordings = {kind: group for kind, group in by_kind.items() if group}
        return cls(recordings, GENERATORS if include_procedural else {}, generator_worth)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be drawn, in the order of `KINDS`."""
        return tuple(kind for kind in KINDS if kind in self.recordings or kind in self.generators)

    def draw(self, kind: str, seconds: float, sample_rate: int, rng: np.random.Generator) -> Mono:
        """Draw a random sound of a kind.

        Args:
            kind: One of `kinds`.
            seconds: Length in seconds.
            sample_rate: Samples a second.
            rng: Source of randomness; the same state draws the same sound.

        Returns:
            Mono samples, shape (round(seconds * sample_rate),), RMS `RMS` unless that would clip.

        Raises:
            ValueError: The kind is not in this library.
            UserError: A recording cannot be decoded.
        """
        return self.draw_sound(kind, seconds, sample_rate, rng).samples

    def draw_sound(self, kind: str, seconds: float, sample_rate: int, rng: np.random.Generator) -> DrawnSound:
        """Draw a random sound of a kind and say where it came from.

        Args:
            kind: One of `kinds`.
            seconds: Length in seconds.
            sample_rate: Samples a second.
            rng: Source of randomness; the same state draws the same sound.

        Returns:
            The sound, levelled as `draw` says.

        Raises:
            ValueError: The kind is not in this library.
            UserError: A recording cannot be decoded.
        """
        if kind not in self.kinds:
            raise ValueError(f"no sound of kind {kind!r}; this library has {', '.join(self.kinds)}")
        count = round(seconds * sample_rate)
        recordings = self.recordings.get(kind, ())
        share = max(PROCEDURAL_SHARE, self.generator_worth / max(1, self.generator_worth + len(recordings)))
        synthesise = kind in self.generators and (not recordings or rng.random() < share)
        if synthesise:
            made = self.generators[kind](max(count, 3 * sample_rate), sample_rate, rng)
            return DrawnSound(_level(_stretch(made, count, sample_rate, rng)), PROCEDURAL)
        recording = recordings[int(rng.integers(len(recordings)))]
        key = (recording.path, sample_rate)
        if key not in self._decoded:
            self._decoded[key] = load_recording(*key)
        whole = self._decoded[key]
        if len(whole) < count:
            extend = _with_pauses if kind in EVENT_KINDS else _looped
            whole = extend(whole, count, sample_rate, rng)
        cut = _stretch(whole, count, sample_rate, rng)
        return DrawnSound(_level(cut), recording.origin)


def _stretch(
    whole: NDArray[np.floating], count: int, sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """A random stretch of `count` samples that is not silent, with short fades at its ends."""
    starts = rng.integers(0, len(whole) - count + 1, 6)
    cuts = [whole[start : start + count].astype(np.float64) for start in starts]
    heard = float(np.sqrt(np.mean(np.square(whole, dtype=np.float64))))
    audible = (cut for cut in cuts if np.sqrt(np.mean(cut**2)) > 0.3 * heard)
    cut = next(audible, max(cuts, key=lambda piece: float(np.sum(piece**2))))
    fade = min(sample_rate // 200, count // 2)
    cut[:fade] *= np.linspace(0, 1, fade)
    cut[count - fade :] *= np.linspace(1, 0, fade)
    return cut


def _looped(whole: Mono, count: int, sample_rate: int, rng: np.random.Generator) -> Mono:
    """Repeat a texture with equal-power cross-fades until it has at least `count` samples."""
    overlap = min(int(rng.uniform(0.05, 0.15) * sample_rate), len(whole) // 3)
    fade = np.sin(0.5 * np.pi * np.linspace(0, 1, overlap, dtype=np.float32))
    piece = whole.copy()
    piece[:overlap] *= fade
    piece[len(piece) - overlap :] *= fade[::-1]
    step = len(whole) - overlap
    repeats = -(-(count + len(whole)) // step)
    out = np.zeros(step * repeats + overlap, np.float32)
    for number in range(repeats):
        out[number * step : number * step + len(piece)] += piece
    return out


def _with_pauses(whole: Mono, count: int, sample_rate: int, rng: np.random.Generator) -> Mono:
    """Repeat calls with random pauses between until there are at least `count` samples."""
    parts: list[Mono] = [np.zeros(int(rng.uniform(0.0, 0.3) * sample_rate), np.float32)]
    while sum(map(len, parts)) < count:
        parts.append(whole)
        parts.append(np.zeros(int(rng.uniform(0.2, 1.2) * sample_rate), np.float32))
    return np.concatenate(parts)


def _level(sound: NDArray[np.float64]) -> Mono:
    """Bring a sound to `RMS`, or to the peak `PEAK` where that comes first."""
    centred = sound - sound.mean()
    rms, peak = float(np.sqrt(np.mean(centred**2))), float(np.abs(centred).max())
    gain = min(RMS / max(rms, 1e-9), PEAK / max(peak, 1e-9))
    levelled: Mono = (centred * gain).astype(np.float32)
    return levelled
