"""Grouped statistics of embeddings as plain arrays, so that recorded sounds' can be kept in a file."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from audiospace.metrics.frechet import GaussianStatistics
from audiospace.metrics.grouped_statistics import GROUP_COUNT, GroupedStatistics


def statistics_to_arrays(statistics: GroupedStatistics[GaussianStatistics]) -> dict[str, NDArray[np.generic]]:
    """Give a set as plain arrays, for `numpy.savez`.

    Args:
        statistics: The set, with at least one clip.

    Returns:
        "places" (clips,); and for the G groups that hold a clip "groups" (G,), "counts" (G,), "means" (G, D)
        and "scatters" (G, D, D).

    Raises:
        ValueError: The set is empty.
    """
    held = {group: one for group, one in enumerate(statistics.groups) if one is not None}
    if not held:
        raise ValueError("the set has no clips")
    return {
        "places": np.array(sorted(place for places in statistics.places for place in places)),
        "groups": np.array(list(held)),
        "counts": np.array([one.count for one in held.values()]),
        "means": np.stack([one.mean for one in held.values()]),
        "scatters": np.stack([one.scatter for one in held.values()]),
    }


def statistics_from_arrays(
    arrays: Mapping[str, NDArray[np.generic]],
) -> GroupedStatistics[GaussianStatistics]:
    """Give back what `statistics_to_arrays` took apart.

    Args:
        arrays: Its result, for example from `numpy.load(..., allow_pickle=False)`.

    Returns:
        The set.

    Raises:
        ValueError: An array is missing, has another shape, or disagrees with another one.
    """
    try:
        places, groups, counts = (arrays[name].astype(np.int64) for name in ("places", "groups", "counts"))
        means, scatters = (arrays[name].astype(np.float64) for name in ("means", "scatters"))
    except KeyError as error:
        raise ValueError(f"statistics lack the array {error}") from error
    size = len(groups)
    if means.ndim != 2 or counts.shape != (size,) or scatters.shape != (size, means.shape[1], means.shape[1]):
        raise ValueError("arrays of statistics have shapes that do not fit together")
    if size != len(means) or set(groups.tolist()) != {place % GROUP_COUNT for place in places.tolist()}:
        raise ValueError("arrays of statistics hold other groups than their clips belong to")
    held = {
        int(group): GaussianStatistics(int(count), mean, scatter)
        for group, count, mean, scatter in zip(groups, counts, means, scatters, strict=True)
    }
    return GroupedStatistics(
        tuple(held.get(group) for group in range(GROUP_COUNT)),
        tuple(
            frozenset(place for place in places.tolist() if place % GROUP_COUNT == group)
            for group in range(GROUP_COUNT)
        ),
    )
