"""Answers under the true names: one array, and what is missing from it or more than was planned."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audiospace.evaluation.listening.plan import Plan
from audiospace.evaluation.listening.ratings import Rating

Kind = Literal["no ratings", "missing", "not in the plan", "not planned for", "only repeated"]


@dataclass(frozen=True)
class Remark:
    """Something about one rater's answers that the reader of the figures should know.

    Attributes:
        rater: Name of the rater.
        kind: What sort of thing it is.
        count: How many answers it is about.
        detail: What it is, in words.
    """

    rater: str
    kind: Kind
    count: int
    detail: str


@dataclass(frozen=True, eq=False)
class Answers:
    """All answers of a test.

    Attributes:
        raters: Names along the third axis.
        clips: Names along the fourth axis.
        systems: Names along the second axis.
        scales: Keys along the first axis.
        values: 0 to 100, NaN where there is no answer, shape (scales, systems, raters, clips).
        repeats: Second answers to sounds that were heard again, where there is a first one, likewise.
    """

    raters: tuple[str, ...]
    clips: tuple[str, ...]
    systems: tuple[str, ...]
    scales: tuple[str, ...]
    values: NDArray[np.float64]
    repeats: NDArray[np.float64]

    def of(self, raters: Sequence[str]) -> "Answers":
        """Keep the answers of some raters.

        Args:
            raters: Their names, all of them known.

        Returns:
            Their answers alone.
        """
        places = [self.raters.index(name) for name in raters]
        return replace(
            self,
            raters=tuple(raters),
            values=self.values[:, :, places],
            repeats=self.repeats[:, :, places],
        )


def unblind(plan: Plan, ratings: Sequence[Rating]) -> tuple[Answers, tuple[Remark, ...]]:
    """Put the true names to answers, and compare them with what was planned.

    An answer to a repeated sound serves to judge the rater; it counts as the rater's answer only where the
    first one is missing. Answers of raters that the plan does not know, or to sounds that it did not give the
    rater, count like all others and are remarked on.

    Args:
        plan: The plan, with its key.
        ratings: Answers that `read_ratings` has checked.

    Returns:
        The answers, and remarks in the order of the raters' names. A planned rater without any answer is
        remarked on and is none of the raters of the answers.
    """
    raters = tuple(sorted({rating.rater for rating in ratings}))
    shape = (len(plan.design.scales), len(plan.systems), len(raters), len(plan.clips))
    first, again = np.full(shape, np.nan), np.full(shape, np.nan)
    axes = [
        {name: index for index, name in enumerate(names)}
        for names in (plan.design.scales, plan.systems, raters, plan.clips)
    ]
    for rating in ratings:
        stimulus = plan.key[rating.stimulus]
        labels = (rating.scale, stimulus.system, rating.rater, stimulus.clip)
        place = tuple(axis[label] for axis, label in zip(axes, labels, strict=True))
        (again if stimulus.repeat else first)[place] = rating.value
    values = np.where(np.isnan(first), again, first)
    only_repeated = np.isnan(first) & ~np.isnan(again)
    counts = dict(zip(raters, only_repeated.sum(axis=(0, 1, 3)).tolist(), strict=True))
    again[only_repeated] = np.nan
    remarks = _remarks(plan, ratings, counts)
    return Answers(raters, plan.clips, plan.systems, plan.design.scales, values, again), remarks


def _remarks(plan: Plan, ratings: Sequence[Rating], only_repeated: dict[str, int]) -> tuple[Remark, ...]:
    planned = {(trial.rater, trial.stimulus, scale) for trial in plan.trials for scale in plan.design.scales}
    given = {(rating.rater, rating.stimulus, rating.scale) for rating in ratings}
    wanted = Counter(rater for rater, _, _ in planned)
    missing = Counter(rater for rater, _, _ in planned - given)
    extra = Counter(rater for rater, _, _ in given - planned)
    remarks = []
    for rater in sorted(wanted.keys() | extra.keys()):
        gap, more, again = missing[rater], extra[rater], only_repeated.get(rater, 0)
        if gap and gap == wanted[rater] and not more:
            remarks.append(Remark(rater, "no ratings", gap, f"gave none of {gap} ratings"))
        elif gap:
            remarks.append(Remark(rater, "missing", gap, f"{gap} of {wanted[rater]} ratings are missing"))
        if more and rater not in wanted:
            remarks.append(
                Remark(rater, "not in the plan", more, f"gave {more} ratings all the same: counted")
            )
        elif more:
            detail = f"{more} ratings of sounds that were planned for others: counted"
            remarks.append(Remark(rater, "not planned for", more, detail))
        if again:
            detail = f"{again} sounds were rated only when they came again: counted"
            remarks.append(Remark(rater, "only repeated", again, detail))
    return tuple(remarks)
