"""Agreement of two sounds' energy maps: correlation and AUC, as ViSAGe defines them.

Kim, Yun and Kim, "ViSAGe: Video-to-Spatial Audio Generation", ICLR 2025, and its public repository
jaeyeonkim99/visage (evaluate_spatial.py, utils/view_video.py, utils/wild_360.py). A map is the root mean
square of what a first-order beam hears from each direction, at directions of equal area. "AUC-Judd" (Judd,
Ehinger, Durand and Torralba, ICCV 2009) comes from the saliency of images: the recorded map says which
directions are loud, and the generated map is the score that should find them.

What differs from the published procedure: the whole clip is compared, not its first five seconds; directions
are 5 to 8 degrees apart instead of 2, and lie symmetrically; ties in the AUC count one half instead of being
broken at random. On 180 simulated scenes the figures then differ from those of the published procedure taken
to the letter by 0.002 to 0.004 on average and by 0.016 at most.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import first_order
from audiospace.metrics.sound_field import SoundField, UndefinedError, is_silent, shared

MapBeam = Literal["standard", "published"]
"""Shape of the beam that looks into each direction."""

BEAM_GAINS: dict[MapBeam, tuple[float, float, float, float]] = {
    "standard": (1.0, 1.0, 1.0, 1.0),
    "published": (1.0, 2**0.5, 1.0, 2**0.5),
}
"""Weights of W, Y, Z, X. "standard" is the cardioid 1 + cos(angle): the same in all directions and without a
lobe at the back, so that the correlation of two single sources is the cosine of the angle between them.
"published" is ViSAGe's normalisation, which weights the horizontal channels by sqrt(2) and the vertical one
by 1: towards the horizon its beam is narrower and has a lobe at the back, and turning both sounds changes the
figures."""

ROWS, COLUMNS = 24, 48
"""Directions of a map: 1,152 in all, 5 to 8 degrees apart, which is plenty for first-order beams."""

CONSTANT = 1e-6
"""Standard deviation of a map in terms of its mean below which it is constant, but for rounding."""


@dataclass(frozen=True)
class MapAgreement:
    """How well two sounds' energy maps agree, averaged over windows.

    Attributes:
        correlation: Pearson correlation of the maps in [-1, 1]; 1 is perfect, 0 chance.
        auc: Area under the ROC curve in [0, 1]; 1 is perfect, 0.5 chance. Positives are the directions in
            which the recorded map is within one standard deviation of its maximum.
        windows: Windows that are averaged.
        undefined: Windows left out, because one of the maps is constant there: silence or mono sound.
    """

    correlation: float
    auc: float
    windows: int
    undefined: int


def map_agreement(
    reference: SoundField, generated: SoundField, *, slices: int | None = None, beam: MapBeam = "standard"
) -> MapAgreement:
    """Compare where two sounds are loud.

    How to read it: see `MapAgreement`. A map of the whole clip says where sound comes from on average, maps
    of one second or 0.2 s (1 and 5 per second, as published) also when. Loudness plays no part. Unlike the
    intensity, a map tells two opposite sources from one and from none.

    Where it fails: first-order maps are broad, so that small errors cost little: for single sources 20
    degrees apart the correlation is 0.94 and the AUC 0.97. Windows left out do not lower the mean: report
    their share beside it. A quiet window counts as much as a loud one.

    Args:
        reference: Recorded sound.
        generated: Sound to judge. Whole clips are compared even if their lengths differ; windows, in the time
            that both have.
        slices: Slices of 50 ms in a window: 20 for one map per second, 4 for five; None for the whole clip.
        beam: Shape of the beam.

    Returns:
        Means over the windows in which both maps are defined.

    Raises:
        UndefinedError: There is no such window: one of the sounds is silent or mono, or has no samples.
        ValueError: There is no such beam, or the number of slices is not positive.
    """
    if slices is None:
        first, second = reference.whole[None], generated.whole[None]
    else:
        first, second = (field.windows(slices) for field in shared(reference, generated))
    recorded, judged = root_mean_square_maps(first, beam), root_mean_square_maps(second, beam)
    usable = ~(is_silent(first) | is_silent(second) | _constant(recorded) | _constant(judged))
    count = int(usable.sum())
    if count == 0:
        raise UndefinedError("the energy map of one of the sounds is constant: it is silent or mono")
    return MapAgreement(
        correlation=float(correlations(recorded[usable], judged[usable]).mean()),
        auc=float(areas_under_curve(recorded[usable], judged[usable]).mean()),
        windows=count,
        undefined=len(usable) - count,
    )


def root_mean_square_maps(matrices: NDArray[np.float64], beam: MapBeam = "standard") -> NDArray[np.float64]:
    """Give what a beam hears from directions of equal area.

    Args:
        matrices: Covariances of the four channels, shape (m, 4, 4).
        beam: Shape of the beam.

    Returns:
        Root mean square of the beam's signal, shape (m, 1152).

    Raises:
        ValueError: There is no such beam.
    """
    if beam not in BEAM_GAINS:
        raise ValueError(f"there is no beam {beam!r}; choose from {', '.join(BEAM_GAINS)}")
    power = matrices.reshape(-1, 16) @ _beam_products(beam)
    return np.asarray(np.sqrt(np.maximum(power, 0.0)))


def map_directions() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the directions of a map: rows at equal steps of the height z, between which areas are equal.

    The points are symmetric left to right, front to back and up to down.

    Returns:
        Azimuth and elevation in radians, each of shape (1152,).
    """
    elevation = np.arcsin(1 - 2 * (np.arange(ROWS) + 0.5) / ROWS)
    azimuth = np.pi - 2 * np.pi * (np.arange(COLUMNS) + 0.5) / COLUMNS
    return np.tile(azimuth, ROWS), np.repeat(elevation, COLUMNS)


@lru_cache(maxsize=2)
def _beam_products(beam: MapBeam) -> NDArray[np.float64]:
    """Products of the beam's gains in each direction, shape (16, directions)."""
    gains = first_order(*map_directions()) * np.array(BEAM_GAINS[beam])
    products: NDArray[np.float64] = (gains[:, :, None] * gains[:, None, :]).reshape(-1, 16).T
    products.flags.writeable = False
    return products


def _constant(maps: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(maps.std(axis=-1) <= CONSTANT * maps.mean(axis=-1))


def correlations(recorded: NDArray[np.float64], judged: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlate maps, window by window.

    Args:
        recorded: Maps that are not constant, shape (m, directions).
        judged: Others of the same shape.

    Returns:
        Pearson correlations, shape (m,).
    """
    first = recorded - recorded.mean(axis=-1, keepdims=True)
    second = judged - judged.mean(axis=-1, keepdims=True)
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    return np.asarray(np.sum(first * second, axis=-1) / lengths)


def areas_under_curve(recorded: NDArray[np.float64], judged: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure how well maps find the loud directions of others, window by window.

    The area is the share of pairs of a loud and another direction in which the loud one scores higher
    (Mann and Whitney's U), ties counting one half.

    Args:
        recorded: Maps that are not constant, shape (m, directions); a direction is loud where the map exceeds
            its maximum less one standard deviation.
        judged: Scores of the same shape.

    Returns:
        Areas in [0, 1], shape (m,).
    """
    loud = recorded > recorded.max(axis=-1, keepdims=True) - recorded.std(axis=-1, keepdims=True)
    ordered = np.sort(judged, axis=-1)
    areas = np.empty(len(judged))
    for i, scores in enumerate(ordered):
        found = judged[i, loud[i]]
        below = scores.searchsorted(found, "left") + scores.searchsorted(found, "right")
        ranks = (below.sum() + len(found)) / 2
        areas[i] = (ranks - len(found) * (len(found) + 1) / 2) / (len(found) * (len(scores) - len(found)))
    return areas
