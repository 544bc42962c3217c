"""Means with bootstrap confidence intervals."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

BLOCK = 2_000_000
"""Draws that are held at once."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Interval:
    """A mean, or another figure of a set, and its confidence interval.

    Attributes:
        mean: Mean of the values, or the figure of the whole set; NaN if there are none.
        low: Lower end of the interval; NaN where the figure of a set has none.
        high: Upper end of the interval; NaN likewise.
        n: How many values, or clips, there are.
    """

    mean: float
    low: float
    high: float
    n: int


def _draw_counts(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Say how often each value is drawn in each resample, in blocks of shape (rows, n)."""
    generator = np.random.default_rng(seed)
    rows = max(1, min(resamples, BLOCK // n))
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        draws = generator.integers(0, n, (count, n))
        draws += n * np.arange(count)[:, None]
        yield np.bincount(draws.ravel(), minlength=count * n).reshape(count, n).astype(np.float64)


def _bootstrap_rows(
    data: NDArray[np.float64], confidence: float, resamples: int, seed: int
) -> list[Interval]:
    figures, n = data.shape
    if n == 0:
        return [Interval(np.nan, np.nan, np.nan, 0)] * figures
    # From the first value on, so that equal values have an interval of no width in spite of rounding.
    origin = data[:, 0]
    distances = data - origin[:, None]
    moved = np.concatenate([counts @ distances.T / n for counts in _draw_counts(n, resamples, seed)])
    tail = 50 * (1 - confidence)
    means = origin + distances.mean(axis=1)
    ends = origin + np.percentile(moved, [tail, 100 - tail], axis=0)
    return [
        Interval(float(mean), float(low), float(high), n)
        for mean, low, high in zip(means, ends[0], ends[1], strict=True)
    ]


def bootstrap_means(
    columns: Mapping[Key, Sequence[float]],
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[Key, Interval]:
    """Give many means, each with its percentile bootstrap interval (Efron and Tibshirani, 1993, chapter 13).

    Columns with equally many values share the draws of clips, which makes many figures cheap; each interval
    is what `bootstrap_mean` gives for the column alone.

    Args:
        columns: One finite value per clip, by name of the figure.
        confidence: Probability that an interval covers, in (0, 1).
        resamples: How many bootstrap samples are drawn, at least 1.
        seed: Seed of the draws.

    Returns:
        An interval for each column; one value has an interval of no width, none gives NaN.

    Raises:
        ValueError: A value is not finite: to say that and why a clip has no value is for the caller.
    """
    by_length: defaultdict[int, list[Key]] = defaultdict(list)
    for key, column in columns.items():
        by_length[len(column)].append(key)
    found: dict[Key, Interval] = {}
    for n, keys in by_length.items():
        data = np.array([columns[key] for key in keys], dtype=np.float64).reshape(len(keys), n)
        if not np.isfinite(data).all():
            raise ValueError("values hold some that are not finite")
        found |= dict(zip(keys, _bootstrap_rows(data, confidence, resamples, seed), strict=True))
    return {key: found[key] for key in columns}


def bootstrap_mean(
    values: Sequence[float], *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Give the mean with its percentile bootstrap interval (Efron and Tibshirani, 1993, chapter 13).

    The interval says how the mean would vary with another draw of clips; below some ten values it is too
    narrow.

    Args:
        values: One finite value per clip.
        confidence: Probability that the interval covers, in (0, 1).
        resamples: How many bootstrap samples are drawn.
        seed: Seed of the draws.

    Returns:
        The mean with its interval; one value has an interval of no width, none gives NaN.

    Raises:
        ValueError: A value is not finite.
    """
    columns = {"values": values}
    return bootstrap_means(columns, confidence=confidence, resamples=resamples, seed=seed)["values"]
