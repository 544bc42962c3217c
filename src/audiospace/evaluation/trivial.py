"""The rows that every table has beside the systems: what is had without hearing, or hardly looking."""

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import CHANNELS
from audiospace.baselines import FRONT, motion_direction, random_direction, recogniser_direction
from audiospace.metrics import SoundField, point_source, without_direction
from audiospace.vision import Glance

ALWAYS_FRONT, RANDOM, MONO = "always front", "random", "mono"
MOTION, RECOGNISER = "motion", "recogniser"
ANOTHER_CLIP = "another clip"
"""The recorded sound of another clip, in figures of what is heard."""
NOISE = "noise"
"""White noise, in figures of what is heard."""
RECORDED = "recorded sound"
"""The recorded sound itself, in figures that do not compare a sound with it."""

TRIVIAL = (ALWAYS_FRONT, RANDOM, MOTION, RECOGNISER, MONO, ANOTHER_CLIP, NOISE, RECORDED)
"""Rows of a table below those of the systems, in order."""


def trivial_fields(
    recorded: SoundField, clip: str, seed: int, glance: Glance | None
) -> Mapping[str, SoundField]:
    """Give what the trivial systems would play for a clip: the recorded W, from a direction of theirs.

    Args:
        recorded: Field of the recorded sound.
        clip: Name of the clip, for the random direction.
        seed: Of the random direction.
        glance: What is seen, where the clip has a video; without it, two systems are left out.

    Returns:
        Field by name of the system.
    """
    directions = {ALWAYS_FRONT: np.array(FRONT), RANDOM: random_direction(clip, seed)}
    if glance is not None:
        directions |= {MOTION: motion_direction(glance), RECOGNISER: recogniser_direction(glance)}
    fields = {name: point_source(recorded, direction) for name, direction in directions.items()}
    return {**fields, MONO: without_direction(recorded)}


def noise_sound(samples: int, clip: str, seed: int) -> NDArray[np.float32]:
    """Make the sound of a system that has nothing to say: white noise in W.

    Args:
        samples: Length of the sound.
        clip: Name of the clip; each has its own noise.
        seed: Of the noise.

    Returns:
        AmbiX sound of root mean square 0.1, shape (4, samples).
    """
    sound = np.zeros((CHANNELS, samples), dtype=np.float32)
    generator = np.random.default_rng([seed, zlib.crc32(clip.encode()), 1])
    sound[0] = 0.1 * generator.standard_normal(samples, dtype=np.float32)
    return sound
