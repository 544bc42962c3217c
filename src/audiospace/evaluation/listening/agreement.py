"""How far raters agree: one number for a scale."""

import numpy as np
from numpy.typing import NDArray


def krippendorff_alpha(values: NDArray[np.floating]) -> float:
    """Give Krippendorff's alpha for values on an interval scale.

    After Krippendorff, Computing Krippendorff's Alpha-Reliability (University of Pennsylvania, 2011).
    One minus the observed over the expected disagreement, both mean squared differences: within units, and
    among all values that have a partner. 1 is perfect agreement, 0 is chance, and less is systematic
    disagreement; Krippendorff asks for 0.8, and for 0.667 at the least, but means of many raters can be sound
    where alpha is lower. It falls where raters use the scale differently, and where all sounds are equally
    good, however careful the raters are.

    Args:
        values: One row for each rater and one column for each unit that is rated, shape (raters, units); NaN
            where there is no rating.

    Returns:
        Alpha, at most 1; NaN if no unit has two ratings or all values are equal.
    """
    rated = np.isfinite(values)
    used = values[:, rated.sum(axis=0) >= 2]
    if not used.size:
        return float("nan")
    count = np.isfinite(used).sum(axis=0)
    within = np.nansum((used - np.nanmean(used, axis=0)) ** 2, axis=0)
    total = np.nansum((used - np.nanmean(used)) ** 2)
    n = count.sum()
    if total == 0:
        return float("nan")
    # Sums over ordered pairs are 2 m times sums of squares about the mean of m values.
    observed = float(np.sum(2 * count * within / (count - 1)) / n)
    expected = float(2 * total / (n - 1))
    return 1 - observed / expected
