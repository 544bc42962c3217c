"""Intervals and comparisons of figures of whole sets, such as Fréchet distances: they have no value per clip.

The clips were dealt into groups and the figure was taken again without each group. Its spread over these is
its standard error (Efron and Tibshirani, 1993, chapter 11; for groups of unequal size Busing, Meijer and van
der Leeden, 1999), and Student's t with one degree of freedom less than there are groups gives interval and p.
An interval tells how the figure would vary with another draw of as many clips. It does not remove the bias
that the figure has at this number of clips.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from audiospace.evaluation.significance import Comparison
from audiospace.evaluation.statistics import Interval
from audiospace.metrics.frechet import GaussianStatistics, frechet_distance
from audiospace.metrics.grouped_statistics import GROUP_COUNT, GroupedStatistics, Replicates, replicates
from audiospace.metrics.inception import LabelStatistics, inception_score


def _standard_error(whole: float, without: NDArray[np.float64], sizes: NDArray[np.int64]) -> float:
    if len(without) < 2:
        return float("nan")
    shares = sizes.sum() / sizes
    pseudo = shares * whole - (shares - 1) * without
    centre = float(np.sum(pseudo / shares))
    return float(np.sqrt(np.mean((pseudo - centre) ** 2 / (shares - 1))))


def jackknife_interval(found: Replicates, *, lowest: float = -np.inf, confidence: float = 0.95) -> Interval:
    """Give a figure of a set with its delete-a-group jackknife interval.

    Args:
        found: The figure with and without each group.
        lowest: Least value that the figure can take; the interval goes no further down.
        confidence: Probability that the interval covers, in (0, 1).

    Returns:
        The figure; the ends are NaN with fewer than two groups, or where the figure is not defined without
        one of them.
    """
    groups = len(found.without)
    reach = np.nan
    if groups >= 2:
        error = _standard_error(found.whole, found.without, found.sizes)
        reach = float(student.ppf((1 + confidence) / 2, groups - 1)) * error
    low = float(np.maximum(found.whole - reach, lowest))
    return Interval(found.whole, low, float(found.whole + reach), found.n)


def jackknife_comparison(
    metric: str, first: tuple[str, Replicates], second: tuple[str, Replicates], *, confidence: float = 0.95
) -> Comparison:
    """Compare two systems in a figure of whole sets, group by group left out of both.

    Args:
        metric: Key of the metric.
        first: Name of a system and its figures.
        second: Name of another one and its figures, of the same clips in the same groups.
        confidence: Probability that the interval covers, in (0, 1).

    Returns:
        First minus second with its interval and two-sided p by Student's t, not yet adjusted; p is None where
        there is no standard error.

    Raises:
        ValueError: The groups of the two hold different numbers of clips.
    """
    (one, a), (other, b) = first, second
    if not np.array_equal(a.sizes, b.sizes):
        raise ValueError("the two systems were not judged on the same groups of clips")
    paired = Replicates(a.whole - b.whole, a.without - b.without, a.sizes)
    interval = jackknife_interval(paired, confidence=confidence)
    error = _standard_error(paired.whole, paired.without, paired.sizes)
    p: float | None = None
    if paired.whole == 0.0 and error == 0.0:
        p = 1.0
    elif np.isfinite(error) and error > 0.0:
        p = float(2 * student.sf(abs(paired.whole) / error, len(paired.without) - 1))
    return Comparison(metric, one, other, paired.n, paired.whole, interval.low, interval.high, p, None)


Recorded = GroupedStatistics[GaussianStatistics] | GaussianStatistics
"""Recorded sounds: the clips that are judged, place for place, or a fixed set of other clips."""


def frechet_replicates(reference: Recorded, generated: GroupedStatistics[GaussianStatistics]) -> Replicates:
    """Give the Fréchet distance with and without each group of clips.

    Args:
        reference: Recorded sounds. In groups, they are the same clips in the same places, and each group is
            left out of both; as one summary they are other clips, which stay as they are, and the figures
            say only how the generated ones vary.
        generated: The sounds to judge.

    Returns:
        The distances; NaN with fewer than two embeddings.
    """
    if isinstance(reference, GaussianStatistics):
        return replicates(lambda judged: frechet_distance(reference, judged), generated)
    return replicates(frechet_distance, generated, reference)


def frechet_interval(
    reference: Recorded, generated: GroupedStatistics[GaussianStatistics], *, confidence: float = 0.95
) -> Interval:
    """Give the Fréchet distance of all clips with its delete-a-group jackknife interval, cut at 0.

    The distance is biased upwards, and so is the interval: it is for comparing systems with equal numbers of
    clips, not for the distance that an endless set would have.

    Args:
        reference: Recorded sounds as `frechet_replicates` takes them.
        generated: The sounds to judge.
        confidence: Probability that the interval covers, in (0, 1).

    Returns:
        The distance with its interval; n is the number of generated clips.
    """
    found = frechet_replicates(reference, generated)
    return jackknife_interval(found, lowest=0.0, confidence=confidence)


def inception_interval(
    generated: GroupedStatistics[LabelStatistics], *, confidence: float = 0.95
) -> Interval:
    """Give the inception score of all clips with its delete-a-group jackknife interval, cut at 1.

    Args:
        generated: The sounds to judge.
        confidence: Probability that the interval covers, in (0, 1).

    Returns:
        The score with its interval; n is the number of clips.
    """
    return jackknife_interval(replicates(inception_score, generated), lowest=1.0, confidence=confidence)


def compare_frechet(
    metric: str,
    reference: Recorded,
    first: tuple[str, GroupedStatistics[GaussianStatistics]],
    second: tuple[str, GroupedStatistics[GaussianStatistics]],
    *,
    confidence: float = 0.95,
) -> Comparison:
    """Compare the Fréchet distances of two systems, on the groups in which both have the same clips.

    Up to 20 clips these are the clips that both have; beyond, a clip that only one of them has costs the
    clips of its group.

    Args:
        metric: Key of the metric.
        reference: Recorded sounds as `frechet_replicates` takes them.
        first: Name of a system and its sounds.
        second: Name of another one and its sounds.
        confidence: Probability that the interval covers, in (0, 1).

    Returns:
        The difference of the distances, first minus second, as `jackknife_comparison` gives it.
    """
    (one, a), (other, b) = first, second
    shared = {group for group in range(GROUP_COUNT) if a.places[group] == b.places[group]}
    recorded = reference.only(shared) if isinstance(reference, GroupedStatistics) else reference
    return jackknife_comparison(
        metric,
        (one, frechet_replicates(recorded, a.only(shared))),
        (other, frechet_replicates(recorded, b.only(shared))),
        confidence=confidence,
    )
