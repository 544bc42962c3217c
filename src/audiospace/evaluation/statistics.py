"""Means with bootstrap confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Interval:
    """A mean and its confidence interval.

    Attributes:
        mean: Mean of the values; NaN if there are none.
        low: Lower end of the interval.
        high: Upper end of the interval.
        n: How many values there are.
    """

    mean: float
    low: float
    high: float
    n: int


def bootstrap_mean(
    values: Sequence[float], *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Give the mean with its percentile bootstrap interval (Efron and Tibshirani, 1993, chapter 13).

    The interval says how the mean would vary with another draw of clips; below some ten values it is too
    narrow.

    Args:
        values: One value per clip.
        confidence: Probability that the interval covers, in (0, 1).
        resamples: How many bootstrap samples are drawn.
        seed: Seed of the draws.

    Returns:
        The mean with its interval; one value has an interval of no width, none gives NaN.
    """
    data = np.asarray(values, dtype=np.float64)
    if data.size == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    for start in range(0, resamples, 1000):
        rows = min(1000, resamples - start)
        means[start : start + rows] = data[generator.integers(0, data.size, (rows, data.size))].mean(axis=1)
    tail = 50 * (1 - confidence)
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(float(data.mean()), float(low), float(high), int(data.size))
