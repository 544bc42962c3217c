"""Agreement of where a sound comes from with where something is seen.

First-order sound cannot be sharper than its beams, and what is seen is sharp. What is seen is therefore
blurred to what a sound would be that came from there: the map that a beam would hear if everything seen made
noise, as loud as it is seen. The beam is the cardioid 1 + cos(angle), the same in all directions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import harmonics_of
from audiospace.metrics.sound_field import SLICES_PER_SECOND, SoundField, UndefinedError, is_silent

_CONSTANT = 1e-6  # standard deviation of a map, relative to its mean, below which it is constant


@dataclass(frozen=True)
class VisualAgreement:
    """How well sound and picture agree, second by second.

    Attributes:
        correlation: Mean correlation over the windows in which both maps are defined, in [-1, 1].
        windows: Windows that are averaged.
        undefined: Windows left out: silence, sound without direction, or nothing seen.
    """

    correlation: float
    windows: int
    undefined: int


def visual_agreement(
    field: SoundField,
    seen: NDArray[np.floating],
    *,
    directions: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> float:
    """Correlate the energy map of a whole sound with a map of what is seen.

    How to read it: Pearson correlation over directions, weighted by area, in [-1, 1]. 1 means that the sound
    comes from where things are seen, in proportion; 0 is chance, the mean over all turns of the sound. One
    source d radians away from the one thing seen gives about cos(d), and -0.85 opposite to it. Gain plays no
    part, nor does what is added everywhere alike, to the sound or to what is seen.

    Where it fails: what moves or could sound need not be what sounds; sources out of sight or masked count
    against the sound, and maps of this order hardly notice 20 degrees. Compare with the value of the recorded
    sound, which is far from 1: 0.28 for motion and 0.62 for things that make sound, in twelve public clips.

    Args:
        field: The sound.
        seen: How much is seen in each direction, for example the mean motion or the mass of things that make
            sound, >= 0, shape (N,).
        directions: Unit vectors (x, y, z), spread over the sphere, shape (N, 3).
        weights: Share of the sphere that each stands for, sum 1, shape (N,).

    Returns:
        The correlation.

    Raises:
        UndefinedError: The sound is silent or equally loud from everywhere, or the same is seen everywhere.
        ValueError: The shapes do not fit.
    """
    found = _agreements(field.whole[None], np.asarray(seen, np.float64)[None], directions, weights)[0]
    if np.isnan(found):
        if is_silent(field.whole):
            raise UndefinedError("the sound is silent")
        if np.isnan(_agreements(_front(), np.asarray(seen, np.float64)[None], directions, weights)[0]):
            raise UndefinedError("the same is seen everywhere")
        raise UndefinedError("the energy map of the sound is constant: it is mono")
    return float(found)


def visual_agreement_over_time(
    field: SoundField,
    times: NDArray[np.float64],
    seen: NDArray[np.floating],
    *,
    directions: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> VisualAgreement:
    """Correlate a sound's energy map with what is seen, second by second.

    Read it as `visual_agreement`. It also asks when something is heard where; seconds in which the sound has
    no direction or nothing is seen are left out, so report their share beside the mean.

    Args:
        field: The sound.
        times: When something is seen, seconds from the beginning, increasing, shape (T,).
        seen: How much is seen in each direction, >= 0, shape (T, N).
        directions: Unit vectors (x, y, z), spread over the sphere, shape (N, 3).
        weights: Share of the sphere that each stands for, sum 1, shape (N,).

    Returns:
        The mean over seconds of which both sound and picture have a part.

    Raises:
        UndefinedError: There is no second in which both maps are defined.
        ValueError: The shapes do not fit.
    """
    if seen.ndim != 2 or len(seen) != len(times):
        raise ValueError(f"expected what is seen at {len(times)} times, got shape {seen.shape}")
    sounds = field.windows(SLICES_PER_SECOND)
    # The last window of a field may hold up to 1.5 seconds.
    second = np.minimum(np.floor(times).astype(np.int64), len(sounds) - 1)
    present = np.unique(second[(times >= 0.0) & (times < field.seconds)])
    pictures = np.array([seen[second == k].mean(axis=0) for k in present]).reshape(-1, seen.shape[1])
    found = _agreements(sounds[present], pictures, directions, weights)
    usable = found[~np.isnan(found)]
    if not len(usable):
        raise UndefinedError("in no second has the sound a direction while something is seen")
    return VisualAgreement(float(usable.mean()), len(usable), len(found) - len(usable))


def _agreements(
    matrices: NDArray[np.float64],
    seen: NDArray[np.float64],
    directions: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Correlations of energy maps with what is seen, shape (m,); NaN where one of them is constant."""
    count = len(weights)
    if directions.shape != (count, 3) or weights.ndim != 1 or seen.shape != (len(matrices), count):
        raise ValueError(
            f"{seen.shape[-1]} values, {len(directions)} directions and {count} weights do not fit together"
        )
    gains = harmonics_of(directions)
    heard = np.einsum("ni,mij,nj->mn", gains, matrices, gains)
    # Less the mean, what is seen everywhere alike leaves nothing, however the directions lie.
    excess = seen - (seen @ weights)[:, None]
    blurred = (excess * weights) @ np.square(1.0 + directions @ directions.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        varied = _deviation(seen, weights) > _CONSTANT * np.abs(seen @ weights)
        loud = _deviation(heard, weights) > _CONSTANT * (heard @ weights)
        moments = _deviation(heard, weights) * _deviation(blurred, weights)
        centred = (heard - (heard @ weights)[:, None]) * (blurred - (blurred @ weights)[:, None])
        correlations = (centred @ weights) / moments
    return np.where(varied & loud & ~is_silent(matrices), correlations, np.nan)


def _deviation(maps: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(np.square(maps - (maps @ weights)[:, None]) @ weights))


def _front() -> NDArray[np.float64]:
    """Covariance of a source in front."""
    gains = harmonics_of(np.array([1.0, 0.0, 0.0]))
    return np.asarray(np.outer(gains, gains)[None])
