"""One sound file, measured once: its field in slices, its onsets, and what embedders hear in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import CHANNELS
from audiospace.errors import UserError
from audiospace.evaluation.measurement import Measurement
from audiospace.evaluation.measurement_cache import keep, measurement_key, recall
from audiospace.evaluation.results import Kind
from audiospace.hearing import Heard, SoundEmbedder
from audiospace.media import read_audio, resample
from audiospace.metrics import NotFiniteError, onset_strength, summarise


@dataclass(frozen=True)
class Problem:
    """Why a sound cannot be measured.

    Attributes:
        kind: What sort of thing it is.
        detail: What exactly, in words.
    """

    kind: Kind
    detail: str


def measure(
    path: Path, embedders: Mapping[str, SoundEmbedder], *, onsets: bool = False
) -> Measurement | Problem:
    """Read a file and measure its sound, or find what an earlier run measured.

    Args:
        path: A file with AmbiX sound.
        embedders: Those to hear it, by name.
        onsets: Whether to look for onsets.

    Returns:
        What was measured, or what is wrong with the file.
    """
    key = measurement_key(path, embedders, onsets=onsets)
    found = None if key is None else recall(key)
    if found is not None:
        return found
    measured = _measure(path, embedders, onsets=onsets)
    if key is not None and isinstance(measured, Measurement):
        keep(key, measured)
    return measured


def _measure(path: Path, embedders: Mapping[str, SoundEmbedder], *, onsets: bool) -> Measurement | Problem:
    try:
        audio = read_audio(path)
    except UserError as error:
        return Problem("unreadable", str(error))
    channels, samples = audio.samples.shape
    if channels != CHANNELS:
        remedy = "; convert it with --from youtube6" if channels == 6 else ""
        return Problem("channels", f"{path.name} has {channels} channels, not 4{remedy}")
    if samples == 0:
        return Problem("silent", f"{path.name}: it has no samples")
    try:
        field = summarise([audio.samples], audio.sample_rate)
    except NotFiniteError as error:
        return Problem("not finite", f"{path.name}: {error}")
    except ValueError as error:
        return Problem("unreadable", f"{path.name}: {error}")
    strength = onset_strength([audio.samples], audio.sample_rate) if onsets else None
    return Measurement(field, strength, hear(audio.samples, audio.sample_rate, embedders))


def hear(
    samples: NDArray[np.float32], sample_rate: int, embedders: Mapping[str, SoundEmbedder]
) -> dict[str, Heard]:
    """Let embedders listen to a sound, each at its own rate.

    Args:
        samples: AmbiX sound, shape (4, n).
        sample_rate: Hertz.
        embedders: Those that hear, by name.

    Returns:
        What they heard, by name.
    """
    at_rate: dict[int, NDArray[np.float32]] = {sample_rate: samples}
    heard = {}
    for name, embedder in embedders.items():
        rate = embedder.sample_rate
        if rate not in at_rate:
            at_rate[rate] = resample(samples, sample_rate, rate)
        heard[name] = embedder.hear(at_rate[rate])
    return heard
