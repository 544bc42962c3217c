"""The rules by which raters are left out, fixed before the first rating is read."""

from dataclasses import dataclass

OPEN_REFERENCE_FLOOR = 90.0
"""What the hidden reference must get where raters also hear an open one (ITU-R BS.1534-3, post-screening)."""


@dataclass(frozen=True)
class Screening:
    """Limits beyond which a rater's answers are left out; None switches a rule off.

    The limits for the hidden reference are those of ITU-R BS.1534-3, made for tests in which the reference
    can also be heard under its name. Without that a rater cannot know that it deserves 90 or more, so the
    rule is off unless a plan has an open reference. The other limits are conventions of this package: raters
    who answer at random differ by 33 on average when a sound comes again, and agree with the others by chance
    only. In simulated tests of 12 raters they find 91 to 97 % of those. They lose 0 to 3 % of careful ones if
    these hear ten clips and are off by 15 points each time, but up to 20 % where they hear five clips and the
    systems hardly differ; with an anchor among these 1 %.

    Attributes:
        reference_floor: Ratings of the hidden reference below this are misses.
        reference_misses: Share of its ratings that may be misses, in [0, 1].
        repeat_difference: Largest mean absolute difference between first and repeated ratings.
        agreement: Least correlation with the mean of the other raters, in [-1, 1].
        spread: Least difference between the highest and the lowest rating on every scale.
    """

    reference_floor: float | None = None
    reference_misses: float = 0.15
    repeat_difference: float | None = 30.0
    agreement: float | None = 0.1
    spread: float | None = 5.0
