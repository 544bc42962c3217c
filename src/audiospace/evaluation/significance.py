"""Are two systems different? Paired comparisons on the clips that both have."""

from dataclasses import dataclass


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
