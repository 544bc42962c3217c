"""Means over raters and clips with intervals that hold for other raters and other clips."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from audiospace.evaluation.statistics import Interval

RESAMPLES = 2_000
"""A standard error needs far fewer samples than the ends of an interval; these give it within 2 %."""


def crossed_error(values: NDArray[np.floating], *, resamples: int = RESAMPLES, seed: int = 0) -> float:
    """Give the standard error of a mean over raters and clips, both drawn anew (Owen, 2007).

    The pigeonhole bootstrap: raters and clips are resampled with replacement, independently of each other,
    and a rating counts as often as its rater times as often as its clip. It takes account of what a rater
    adds to all answers and of what a clip adds for all raters, and errs towards too large an error: where
    ratings have nothing in common it is up to 1.7 times the true one.

    Args:
        values: One row for each rater and one column for each clip, NaN where there is no rating.
        resamples: How many samples are drawn.
        seed: Seed of the draws.

    Returns:
        The standard error; NaN with fewer than two raters or clips.
    """
    rated = np.isfinite(values)
    present = values[np.ix_(rated.any(axis=1), rated.any(axis=0))]
    raters, clips = present.shape
    if min(raters, clips) < 2:
        return float("nan")
    generator = np.random.default_rng(seed)
    by_rater = _draws(raters, resamples, generator)
    by_clip = _draws(clips, resamples, generator)
    weights = np.isfinite(present).astype(np.float64)
    deviations = np.nan_to_num(present - np.nanmean(present))
    counts = np.sum((by_rater @ weights) * by_clip, axis=1)
    sums = np.sum((by_rater @ deviations) * by_clip, axis=1)
    # In a sparse plan a sample can miss every rating; it says nothing.
    drawn = counts > 0
    return float(np.std(sums[drawn] / counts[drawn]))


def freedom(values: NDArray[np.floating]) -> int:
    """Give the degrees of freedom of a mean over raters and clips: those of whichever are fewer.

    Args:
        values: One row for each rater and one column for each clip, NaN where there is no rating.

    Returns:
        One less than the smaller number of those that have a rating; -1 if there is none.
    """
    rated = np.isfinite(values)
    return int(min(rated.any(axis=1).sum(), rated.any(axis=0).sum())) - 1


def crossed_interval(
    values: NDArray[np.floating],
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> Interval:
    """Give the mean of all ratings with an interval for other raters and other clips.

    The mean plus and minus Student's t times the error that `crossed_error` finds, with one degree of freedom
    less than there are raters or clips, whichever are fewer. Percentiles of the resampled means would be too
    narrow for the ten or so raters that tests have: in simulations of 8 to 30 raters and 6 to 20 clips they
    cover the true mean in 92 to 96 %, this in 95 % or more.

    Args:
        values: One row for each rater and one column for each clip, NaN where there is no rating.
        confidence: Probability that the interval covers, in (0, 1).
        resamples: How many samples are drawn.
        seed: Seed of the draws.
        lowest: The interval goes no further down.
        highest: The interval goes no further up.

    Returns:
        Mean, interval and number of ratings; the ends are NaN with fewer than two raters or clips.
    """
    rated = values[np.isfinite(values)]
    if not rated.size:
        return Interval(np.nan, np.nan, np.nan, 0)
    mean = float(rated.mean())
    error = crossed_error(values, resamples=resamples, seed=seed)
    reach = error * float(student.ppf((1 + confidence) / 2, max(1, freedom(values))))
    low, high = np.maximum(mean - reach, lowest), np.minimum(mean + reach, highest)
    return Interval(mean, float(low), float(high), int(rated.size))


def published_interval(values: NDArray[np.floating], *, confidence: float = 0.95) -> Interval:
    """Give the mean of all ratings with the interval that papers print: mean ± t s / sqrt(n).

    It takes all ratings for independent. They are not, since each rater and each clip gives many: where both
    matter it covers the mean of other raters and clips in some 50 % instead of 95 %. It is for comparison
    with published tables only.

    Args:
        values: Ratings in any shape, NaN where there is none.
        confidence: Probability that the interval would cover if ratings were independent, in (0, 1).

    Returns:
        Mean, interval and number of ratings; the ends are NaN with fewer than two.
    """
    rated = values[np.isfinite(values)]
    n = int(rated.size)
    if n < 2:
        mean = float(rated[0]) if n else np.nan
        return Interval(mean, np.nan, np.nan, n)
    mean = float(rated.mean())
    reach = float(student.ppf((1 + confidence) / 2, n - 1) * rated.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - reach, mean + reach, n)


def _draws(n: int, resamples: int, generator: np.random.Generator) -> NDArray[np.float64]:
    return generator.multinomial(n, np.full(n, 1 / n), resamples).astype(np.float64)
