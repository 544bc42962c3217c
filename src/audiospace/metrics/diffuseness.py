"""How differently two sounds surround the listener: from one direction, or from all round."""

import numpy as np

from audiospace.ambisonics import track_of
from audiospace.metrics.sound_field import SoundField, shared

WINDOW_SLICES = 4
"""Slices in a window: 0.2 s."""


def diffuseness_error(reference: SoundField, generated: SoundField) -> float:
    """Give the mean absolute difference of diffuseness in windows of 0.2 s.

    How to read it: in [0, 1]; 0 is perfect. A system that always plays one dry source gets the diffuseness of
    the recorded sound, and one that plays mono gets 1 less that. A window counts as much as the recorded
    sound has energy in it. Diffuseness is 1 - |I| / E (Merimaa and Pulkki, J. Audio Eng. Soc. 53(12), 2005):
    0 for a plane wave, 1 for a diffuse field.

    Where it fails: it says nothing of direction, so that turning or mirroring a sound, or swapping its
    channels X, Y and Z, does not change it. Sources on several sides look like a diffuse field. Mono sound
    (W alone) is no diffuse field, but 1 - |I| / E calls it one.

    Args:
        reference: Recorded sound.
        generated: Sound to judge. If the lengths differ, the time that both have is compared.

    Returns:
        The weighted mean difference. Moments in which the generated sound is silent count as diffuse.

    Raises:
        UndefinedError: One of the sounds is silent or has no samples.
    """
    recorded, judged = shared(reference, generated)
    matrices = recorded.windows(WINDOW_SLICES)
    times = np.arange(len(matrices), dtype=np.float64)
    track = track_of(times, matrices)
    other = track_of(times, judged.windows(WINDOW_SLICES))
    return float(np.average(np.abs(track.diffuseness - other.diffuseness), weights=track.energy))
