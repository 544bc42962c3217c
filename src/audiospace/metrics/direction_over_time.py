"""How far apart two sounds point from moment to moment: sources that move or take turns are followed."""

import numpy as np

from audiospace.ambisonics import angular_distance, track_of
from audiospace.metrics.sound_field import SLICES_PER_SECOND, SoundField, UndefinedError, is_silent, shared

WINDOW_SLICES = 4
"""Slices in a window: 0.2 s, long enough for the intensity of noise to settle, short enough for motion."""

NO_DIRECTION = np.pi / 2
"""Error that counts where the generated sound has no direction: that of a direction drawn at random."""


def direction_error_over_time(reference: SoundField, generated: SoundField) -> float:
    """Give the mean great-circle error of the intensity's direction in windows of 0.2 s.

    How to read it: radians in [0, pi]; 0 is perfect, pi / 2 is chance and what mono sound gets. A window
    counts as much as the recorded sound has energy and directness (1 - diffuseness) in it; their product is
    the length of the intensity. So quiet or diffuse moments, where direction hardly exists, count little.

    Where it fails: sources that sound at once become one direction between them, and two equal ones on
    opposite sides none, as in any measure of intensity (`map_agreement` tells them apart). A diffuse
    generated sound points anywhere and scores about chance. What the generated sound plays while the recorded
    one is silent is not judged.

    Args:
        reference: Recorded sound.
        generated: Sound to judge. If the lengths differ, the time that both have is compared.

    Returns:
        The weighted mean error. Windows in which the generated sound is silent or has no direction count
        pi / 2; none is left out.

    Raises:
        UndefinedError: One of the sounds is silent, the recorded one has no direction in any window, or one
            has no samples.
    """
    recorded, judged = shared(reference, generated)
    matrices = judged.windows(WINDOW_SLICES)
    times = np.arange(len(matrices)) * WINDOW_SLICES / SLICES_PER_SECOND
    track = track_of(times, recorded.windows(WINDOW_SLICES))
    vectors = track_of(times, matrices).vectors
    nowhere = is_silent(matrices) | ~vectors.any(axis=-1)
    errors = np.where(nowhere, NO_DIRECTION, angular_distance(track.vectors, vectors))
    weights = track.energy * (1.0 - track.diffuseness)
    if not weights.any():
        raise UndefinedError("the recorded sound has no direction at any time")
    return float(np.average(errors, weights=weights))
