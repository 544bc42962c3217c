"""Are two systems different? Paired comparisons on the clips that both have."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from audiospace.evaluation.statistics import BLOCK, bootstrap_means

EXACT = 12
"""Up to so many clips every pattern of signs is tried."""


@dataclass(frozen=True)
class Comparison:
    """Two systems in one metric, on the clips that both have.

    Attributes:
        metric: Key of the metric.
        first: Name of a system.
        second: Name of another one.
        n: How many clips both have.
        difference: Mean of first minus second; NaN if n = 0.
        low: Lower end of its interval.
        high: Upper end of its interval.
        p: Two-sided probability of so large a difference if the two were the same; None if n < 2.
        p_adjusted: The same after Holm's correction for all comparisons in the metric.
    """

    metric: str
    first: str
    second: str
    n: int
    difference: float
    low: float
    high: float
    p: float | None
    p_adjusted: float | None


def _sign_patterns(n: int, draws: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Give patterns of 0 (keep) and 1 (flip) in blocks of shape (rows, n): all of them, or random ones."""
    if n <= EXACT:
        yield ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)
        return
    generator = np.random.default_rng(seed)
    rows = max(1, min(draws, BLOCK // n))
    for start in range(0, draws, rows):
        count = min(rows, draws - start)
        yield generator.integers(0, 2, (count, n), dtype=np.int8).astype(np.float64)


def sign_flip_p(
    differences: NDArray[np.floating], *, draws: int = 10_000, seed: int = 0
) -> NDArray[np.float64]:
    """Give two-sided p values of paired differences by flipping their signs (Fisher, 1935, section 21).

    If the two systems were the same, each clip's difference could as well have the other sign. p is the
    share of sign patterns whose mean is at least as far from 0 as the one found: of all 2^n patterns for up
    to 12 clips, else of random ones, where it is (found + 1) / (draws + 1) and so never 0 (Phipson and Smyth,
    2010). It is at least 2 / 2^n: fewer than six clips cannot reach 0.05.

    Args:
        differences: Differences of each clip, one row for each comparison, shape (comparisons, n), n at least
            1. All rows share the patterns.
        draws: How many random patterns are drawn.
        seed: Seed of the patterns.

    Returns:
        p in (0, 1] of each row, the same for the opposite differences.

    Raises:
        ValueError: The shape is another one, or a value is not finite.
    """
    data = np.asarray(differences, dtype=np.float64)
    if data.ndim != 2 or data.shape[1] == 0:
        raise ValueError(f"expected differences of shape (comparisons, clips), got {data.shape}")
    if not np.isfinite(data).all():
        raise ValueError("differences hold values that are not finite")
    n = data.shape[1]
    total = data.sum(axis=1)
    # Patterns that give the same mean must count as equal whatever the order of the sums.
    rounding = 1e-12 * np.abs(data).sum(axis=1)
    as_far = np.zeros(len(data))
    for flips in _sign_patterns(n, draws, seed):
        as_far += (np.abs(total - 2 * (flips @ data.T)) >= np.abs(total) - rounding).sum(axis=0)
    return as_far / 2**n if n <= EXACT else (as_far + 1) / (draws + 1)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust the p values of a family of comparisons (Holm, 1979).

    Calling those significant whose adjusted value is at most 0.05 finds any difference that is none with
    probability 0.05 at most, whatever the comparisons have to do with each other.

    Args:
        p_values: One p value for each comparison, in [0, 1].

    Returns:
        The adjusted values in the same order, each in [0, 1] and no smaller than its p value.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return tuple(float(value) for value in adjusted)


def adjust(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Fill in the adjusted p values of one family, by Holm's correction.

    Args:
        comparisons: The family, for example all pairs of systems in one metric; those without p are no part
            of it.

    Returns:
        The same comparisons in the same order.
    """
    adjusted = iter(holm([one.p for one in comparisons if one.p is not None]))
    return tuple(replace(one, p_adjusted=None if one.p is None else next(adjusted)) for one in comparisons)


def _sign_flip_all(rows: Sequence[Sequence[float]], seed: int) -> list[float | None]:
    """Give p of each row of differences; rows of one length share their patterns."""
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_length[len(row)].append(index)
    found: list[float | None] = [None] * len(rows)
    for n, indices in by_length.items():
        if n >= 2:
            p_values = sign_flip_p(np.array([rows[index] for index in indices]), seed=seed)
            for index, p in zip(indices, p_values, strict=True):
                found[index] = float(p)
    return found


def compare_clips(
    metric: str, values: Mapping[str, Mapping[str, float]], *, seed: int = 0
) -> tuple[Comparison, ...]:
    """Compare every system with every later one, on the clips that both have a value for.

    Args:
        metric: Key of the metric.
        values: Finite values by name of the system and of the clip.
        seed: Seed of the intervals and tests.

    Returns:
        One comparison for each pair of systems in the order of `values`: mean difference with its 95 %
        paired bootstrap interval, p by sign flips, and p after Holm's correction for all pairs.

    Raises:
        ValueError: A value is not finite.
    """
    pairs = list(combinations(values, 2))
    # Sorted, so that the draws meet the same clips in whatever order they were measured.
    rows = [
        [values[first][clip] - values[second][clip] for clip in sorted(values[first].keys() & values[second])]
        for first, second in pairs
    ]
    intervals = bootstrap_means(dict(enumerate(rows)), seed=seed)
    return adjust(
        [
            Comparison(
                metric, *pair, interval.n, interval.mean, interval.low, interval.high, p=p, p_adjusted=None
            )
            for pair, interval, p in zip(pairs, intervals.values(), _sign_flip_all(rows, seed), strict=True)
        ]
    )
