"""Which raters are left out, by the rules that the plan states."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.evaluation.listening.answers import Answers
from audiospace.evaluation.listening.plan import REFERENCE
from audiospace.evaluation.listening.rules import Screening

LEAST_REPEATS = 3
"""Fewer repeated answers say nothing about a rater."""
LEAST_SOUNDS = 5
"""Fewer sounds say nothing about a rater's agreement with others, or spread."""
LEAST_RATERS = 3
"""Of two raters who disagree nobody can say who is right."""


@dataclass(frozen=True)
class Verdict:
    """What the rules say about one rater.

    Attributes:
        rater: Name of the rater.
        ratings: How many first answers there are.
        reference_misses: Share of the ratings of the hidden reference below the floor; None if the rule is
            off or there are none.
        repeat_difference: Mean absolute difference between first and repeated answers; None if there are
            fewer than three.
        agreement: Mean over the scales of the correlation with the mean of the other raters; None if it is
            not defined.
        spread: Difference between the highest and the lowest answer, the greatest of all scales; None if no
            scale has five answers.
        reasons: Why the rater is left out, each in words; empty for a rater who is kept.
    """

    rater: str
    ratings: int
    reference_misses: float | None
    repeat_difference: float | None
    agreement: float | None
    spread: float | None
    reasons: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether the rater's answers count in the screened figures."""
        return not self.reasons


def screen(answers: Answers, rules: Screening) -> tuple[Verdict, ...]:
    """Judge every rater by rules that do not depend on which generated system does well.

    Every rater is compared with all others, bad ones among them, once: leaving one out changes nothing for
    the rest. A rule without enough answers to apply keeps the rater.

    Args:
        answers: The answers.
        rules: The limits.

    Returns:
        A verdict for each rater in the order of the answers.
    """
    return tuple(_judge(answers, index, rules) for index in range(len(answers.raters)))


def rater_agreement(values: NDArray[np.floating], index: int) -> float | None:
    """Correlate a rater's answers on one scale with the mean answers of all others to the same sounds.

    Each rater's own mean is taken off first, so that a generous and a strict rater agree.

    Args:
        values: Shape (systems, raters, clips), NaN where there is no answer.
        index: Place of the rater.

    Returns:
        Pearson's correlation in [-1, 1], 0 on average for one who answers at random; None if the raters are
        fewer than three, the sounds shared with others fewer than five, or either side is constant.
    """
    if values.shape[1] < LEAST_RATERS:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a rater or a sound without answers has no mean
        centred = values - np.nanmean(values, axis=(0, 2), keepdims=True)
        others = np.nanmean(np.delete(centred, index, axis=1), axis=1)
    own = centred[:, index]
    shared = np.isfinite(own) & np.isfinite(others)
    if shared.sum() < LEAST_SOUNDS or np.ptp(own[shared]) == 0 or np.ptp(others[shared]) == 0:
        return None
    return float(np.corrcoef(own[shared], others[shared])[0, 1])


def _judge(answers: Answers, index: int, rules: Screening) -> Verdict:
    values = answers.values[:, :, index]
    misses = _reference_misses(answers, index, rules.reference_floor)
    difference = _repeat_difference(answers, index)
    correlations = [rater_agreement(scale, index) for scale in answers.values]
    defined = [value for value in correlations if value is not None]
    agreement = float(np.mean(defined)) if defined else None
    spread = _spread(values)
    reasons = []
    if misses is not None and misses > rules.reference_misses:
        share = f"{100 * misses:.0f} % of the hidden references"
        reasons.append(
            f"rated {share} below {rules.reference_floor:g} (more than {100 * rules.reference_misses:g} %)"
        )
    if _beyond(difference, rules.repeat_difference):
        reasons.append(
            f"differs by {difference:.1f} when a sound comes again (above {rules.repeat_difference:g})"
        )
    if _beyond(rules.agreement, agreement):
        reasons.append(f"correlates by {agreement:.2f} with the others (below {rules.agreement:g})")
    if _beyond(rules.spread, spread):
        reasons.append(f"uses {spread:.1f} points of the scale (less than {rules.spread:g})")
    count = int(np.isfinite(values).sum())
    return Verdict(answers.raters[index], count, misses, difference, agreement, spread, tuple(reasons))


def _beyond(greater: float | None, limit: float | None) -> bool:
    return greater is not None and limit is not None and greater > limit


def _reference_misses(answers: Answers, index: int, floor: float | None) -> float | None:
    ratings = answers.values[:, answers.systems.index(REFERENCE), index]
    rated = ratings[np.isfinite(ratings)]
    return None if floor is None or not rated.size else float(np.mean(rated < floor))


def _repeat_difference(answers: Answers, index: int) -> float | None:
    found = np.abs(answers.values[:, :, index] - answers.repeats[:, :, index])
    found = found[np.isfinite(found)]
    return float(found.mean()) if found.size >= LEAST_REPEATS else None


def _spread(values: NDArray[np.float64]) -> float | None:
    scales = [scale[np.isfinite(scale)] for scale in values]
    spreads = [float(np.ptp(scale)) for scale in scales if scale.size >= LEAST_SOUNDS]
    return max(spreads) if spreads else None
