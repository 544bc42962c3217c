"""Versions of a scene whose sources play the same at other levels, one of them not at all at times.

How loud things are does not show, nor always which of them sounds. A model that meets every scene in one
version learns by heart what is loudest in it, and then bets on one thing wherever it sees several. Rendering
takes most of the time that an item takes; adding up what is rendered in another way takes little.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from audiospace.ambisonics import peak_safe_gain
from audiospace.simulate import (
    DrawnSound,
    Scene,
    SoundLibrary,
    Source,
    draw_ambience,
    draw_sounds,
    mix_field,
    source_field,
)
from audiospace.simulate.random_scenes import LEVELS, PULSES, STILL_DISTANCES
from audiospace.training.latents import FloatArray

_SEED_SPACING = 10**9
"""Between the seeds of a scene's versions: each has a background and noise of its own."""
_DRAWS = 97


@dataclass(frozen=True, eq=False)
class Version:
    """One version of a scene.

    Attributes:
        scene: With the levels of this version; what is silent does not pulse.
        sounds: One per source, None for what is silent.
        field: AmbiX sound with safe peaks, shape (4, samples).
    """

    scene: Scene
    sounds: tuple[DrawnSound | None, ...]
    field: FloatArray


def versions(scene: Scene, library: SoundLibrary, sample_rate: int, count: int) -> Iterator[Version]:
    """Render a scene once and add it up in several ways.

    The first version is the scene itself. Levels of the others are drawn anew, for what stands still as if
    its distance were, too. Two versions in a row have the same silent source, or none; then another is drawn.

    Args:
        scene: The scene.
        library: Where the sounds come from.
        sample_rate: Samples a second.
        count: How many versions; a scene of one source has only the first.

    Yields:
        The versions.
    """
    rng = np.random.default_rng((scene.seed, _DRAWS))
    audible = scene
    if count > 1:
        audible = replace(scene, sources=tuple(_sounding(source, rng) for source in scene.sources))
    sounds = draw_sounds(audible, library, sample_rate)
    around = draw_ambience(scene, library, sample_rate)
    surroundings = mix_field(replace(scene, sources=()), (), sample_rate, ambience=around)
    parts = [
        np.zeros_like(surroundings) if sound is None else source_field(scene, source, sound, sample_rate)
        for source, sound in zip(audible.sources, sounds, strict=True)
    ]
    silent = next((n for n, source in enumerate(scene.sources) if not source.sounding), None)
    for number in range(count if len(parts) > 1 else 1):
        if number and number % 2 == 0:
            silent = _another(silent, len(parts), rng)
        louder = [_louder(source, rng) if number else 0.0 for source in audible.sources]
        sources = tuple(
            replace(source, level_db=source.level_db + more)
            if n != silent
            else replace(source, sounding=False, pulse=0.0)
            for n, (source, more) in enumerate(zip(audible.sources, louder, strict=True))
        )
        gains = [0.0 if n == silent else 10 ** (more / 20) for n, more in enumerate(louder)]
        field = surroundings + sum(np.float32(gain) * part for gain, part in zip(gains, parts, strict=True))
        yield Version(
            replace(scene, seed=scene.seed + number * _SEED_SPACING, sources=sources),
            tuple(None if n == silent else sound for n, sound in enumerate(sounds)),
            field * np.float32(peak_safe_gain(field)),
        )


def _sounding(source: Source, rng: np.random.Generator) -> Source:
    """The source as it would be if it sounded."""
    if source.sounding:
        return source
    return replace(source, sounding=True, pulse=float(rng.uniform(*PULSES)))


def _another(silent: int | None, count: int, rng: np.random.Generator) -> int | None:
    """Who is silent next: in half of the cases nobody, and not the same as before."""
    candidates: list[int | None] = [n for n in range(count) if n != silent]
    if silent is not None and rng.random() < 0.5:
        return None
    return candidates[int(rng.integers(len(candidates)))]


def _louder(source: Source, rng: np.random.Generator) -> float:
    """Decibels to add to a source's level, so that it is as a random scene might have it."""
    more = float(rng.uniform(*LEVELS)) - source.level_db
    if not source.path.moving:
        more -= 20 * float(np.log10(rng.uniform(*STILL_DISTANCES) / source.path.distances[0]))
    return more
