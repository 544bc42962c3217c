"""Are two systems rated differently? Paired within raters and clips."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from audiospace.evaluation.listening.answers import Answers
from audiospace.evaluation.listening.intervals import crossed_error, crossed_interval, freedom
from audiospace.evaluation.listening.plan import ANCHOR
from audiospace.evaluation.significance import Comparison, adjust, sign_flip_p


def difference_p(differences: NDArray[np.floating], *, seed: int = 0) -> float | None:
    """Give the two-sided probability of so large a mean difference if two systems were rated alike.

    The largest p of three tests, so that a difference counts only if it holds for other raters and for other
    clips: signs of the raters' mean differences are flipped, those of the clips' mean differences (as in
    Clark, 1973, who asked for both), and the mean is set against its two-way error by Student's t, without
    which the first two find too much where raters and clips both vary. Fewer than six raters or six clips
    cannot reach 0.05.

    Args:
        differences: One row for each rater and one column for each clip, NaN where one of the two has no
            rating.
        seed: Seed of the draws.

    Returns:
        p in (0, 1]; None with fewer than two raters or clips.
    """
    rated = np.isfinite(differences)
    present = differences[np.ix_(rated.any(axis=1), rated.any(axis=0))]
    if min(present.shape) < 2:
        return None
    by_rater, by_clip = np.nanmean(present, axis=1), np.nanmean(present, axis=0)
    flips = [float(sign_flip_p(means[None], seed=seed)[0]) for means in (by_rater, by_clip)]
    mean = float(np.nanmean(present))
    error = crossed_error(present, seed=seed)
    t_test = float(2 * student.sf(abs(mean) / error, freedom(present))) if error > 0 else float(mean == 0)
    return max(*flips, t_test)


def compare_ratings(answers: Answers, scale: str, *, seed: int = 0) -> tuple[Comparison, ...]:
    """Compare every two systems on one scale, the reference among them; the anchor is left out.

    Args:
        answers: The answers.
        scale: Key of the scale.
        seed: Seed of intervals and tests.

    Returns:
        One comparison for each pair in the order of the systems: mean of the first minus the second over
        raters and clips with both ratings, its two-way interval, n such pairs of ratings, p by
        `difference_p`, and p after Holm's correction for all pairs on the scale.
    """
    values = answers.values[answers.scales.index(scale)]
    judged = [name for name in answers.systems if name != ANCHOR]
    comparisons = []
    for first, second in combinations(judged, 2):
        paired = values[answers.systems.index(first)] - values[answers.systems.index(second)]
        found = crossed_interval(paired, seed=seed)
        p = difference_p(paired, seed=seed)
        comparisons.append(
            Comparison(scale, first, second, found.n, found.mean, found.low, found.high, p, None)
        )
    return adjust(comparisons)
