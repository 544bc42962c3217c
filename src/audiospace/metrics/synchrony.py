"""How well what begins to sound goes with what begins to move.

Both are rises: the onset strength of the sound, and how much faster the picture changes than just before.
They are blurred by 60 ms, about the delays that viewers do not mind (ITU-R BT.1359 gives 45 ms for early and
125 ms for late sound), and correlated over time.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from audiospace.metrics.onsets import Onsets
from audiospace.metrics.sound_field import UndefinedError

_BLUR = 0.06  # seconds, standard deviation
_SHORTEST = 1.0  # seconds: with less, nearly anything correlates
_STEADY = 1e-6  # standard deviation of what does not vary, but for rounding


def synchrony(onsets: Onsets, times: NDArray[np.floating], change: NDArray[np.floating]) -> float:
    """Correlate the onsets of a sound with the onsets of motion in a picture.

    How to read it: in [-1, 1], no unit. 1 means that the same things happen in the same order of strength at
    the same moments. 0 is chance, exactly: it is the mean over all shifts of the sound in time (around the
    end to the beginning). Sound that has nothing to do with the picture scatters about 0 with a standard
    deviation of 0.12 in clips of ten seconds, so that single clips tell little and means over many clips
    much. Sound that is right is far from 1 (0.24 on average in simulated scenes, 0.6 in the best tenth),
    because most of what moves makes no sound. There, a delay of 0.1 s costs about half of the value and one
    of 0.2 s nearly all. Loudness and contrast play no part.

    Where it fails: steady sounds (wind, water, engines) have no onsets that could be seen, and even recorded
    sound is then at chance, as in twelve public clips of ambience (-0.04); far sounds (thunder, fireworks)
    arrive late in truth; cuts and jerks of the camera count as onsets of motion.

    Args:
        onsets: Onset strength of the sound.
        times: When the picture is taken, seconds from its beginning, at equal steps of 0.2 s or less, shape
            (T,).
        change: How fast the whole picture changes between each time and the one before, in any unit, shape
            (T,); the first value is not used.

    Returns:
        The correlation over the time that both have.

    Raises:
        UndefinedError: Less than a second is common, nothing begins to sound, nothing begins to move, or
            values are not finite.
        ValueError: The times and changes do not fit together, or the steps are not equal.
    """
    if times.shape != change.shape or times.ndim != 1:
        raise ValueError(f"times and change must be rows of one length, got {times.shape} and {change.shape}")
    steps = np.diff(times)
    if len(steps) and not (0.0 < steps[0] <= 0.2 and np.allclose(steps, steps[0], rtol=1e-3)):
        raise ValueError("times must increase by equal steps of at most 0.2 s")
    heard, seen = _common(onsets, np.asarray(times, np.float64), np.asarray(change, np.float64))
    if len(heard) * (steps[0] if len(steps) else 0.0) < _SHORTEST:
        raise UndefinedError(f"sound and picture have less than {_SHORTEST:.0f} s in common")
    if not (np.isfinite(heard).all() and np.isfinite(seen).all()):
        raise UndefinedError("onsets or changes are not finite")
    blur = _BLUR / float(steps[0])
    heard, seen = (gaussian_filter1d(rises, blur, mode="nearest") for rises in (heard, seen))
    if heard.std() < _STEADY:
        raise UndefinedError("nothing begins to sound")
    if seen.std() < _STEADY:
        raise UndefinedError("nothing begins to move")
    return float(np.corrcoef(heard, seen)[0, 1])


def _common(
    onsets: Onsets, times: NDArray[np.float64], change: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rises heard and seen in each interval between pictures, from the second one, while there is sound."""
    until = onsets.times[-1] if len(onsets.times) else -np.inf
    count = int(np.searchsorted(times, until, side="right"))
    if count < 3:
        return np.zeros(0), np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(onsets.strength)])
    heard = np.diff(total[np.searchsorted(onsets.times, times[1:count])])
    seen = np.maximum(np.diff(change[1:count]), 0.0)
    return heard, seen
