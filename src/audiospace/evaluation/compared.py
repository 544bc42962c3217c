"""Which systems differ: paired comparisons in the headline figures, corrected for their number."""

from collections.abc import Sequence
from itertools import combinations

from audiospace.evaluation.results import Metric, SystemScores
from audiospace.evaluation.sets import HeardSets
from audiospace.evaluation.significance import Comparison, adjust, compare_clips
from audiospace.evaluation.trivial import ALWAYS_FRONT


def compare_systems(
    systems: Sequence[SystemScores], metrics: Sequence[Metric], heard: HeardSets, *, seed: int
) -> tuple[Comparison, ...]:
    """Compare every two systems, and every system with always-front, on the clips that both have.

    Args:
        systems: Scores, those of the trivial systems among them.
        metrics: The figures; only headline ones are compared.
        heard: Sets of what embedders heard, for figures of whole sets.
        seed: Of the intervals and tests.

    Returns:
        Comparisons by metric; p is adjusted over those of one metric (Holm, 1979).
    """
    judged = [system for system in systems if not system.trivial or system.name == ALWAYS_FRONT]
    of_sets = [
        comparison
        for first, second in combinations([system.name for system in systems if not system.trivial], 2)
        for comparison in heard.compare(first, second)
    ]
    found: list[Comparison] = []
    for metric in metrics:
        if not metric.headline:
            continue
        family = [comparison for comparison in of_sets if comparison.metric == metric.key]
        found += adjust(family) if family else _of_clips(metric.key, judged, seed)
    return tuple(comparison for comparison in found if comparison.n)


def _of_clips(key: str, systems: Sequence[SystemScores], seed: int) -> tuple[Comparison, ...]:
    values = {
        system.name: {clip: found[key] for clip, found in system.clips.items() if key in found}
        for system in systems
    }
    return compare_clips(key, {name: clips for name, clips in values.items() if clips}, seed=seed)
