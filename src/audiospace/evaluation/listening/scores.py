"""From answers to scores: everyone's, and those of the raters who pass the screening."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audiospace.evaluation.listening.agreement import krippendorff_alpha
from audiospace.evaluation.listening.answers import Answers, Remark, unblind
from audiospace.evaluation.listening.differences import compare_ratings
from audiospace.evaluation.listening.intervals import crossed_interval, published_interval
from audiospace.evaluation.listening.plan import Plan
from audiospace.evaluation.listening.ratings import Rating
from audiospace.evaluation.listening.rules import Screening
from audiospace.evaluation.listening.scales import HIGHEST, LOWEST
from audiospace.evaluation.listening.screening import Verdict, screen
from audiospace.evaluation.significance import Comparison
from audiospace.evaluation.statistics import Interval


@dataclass(frozen=True)
class OpinionScore:
    """The mean opinion of one system on one scale, from 0 to 100; more is better.

    Attributes:
        system: Name of the system.
        scale: Key of the scale.
        interval: Mean of all ratings, with an interval for other raters and other clips; n ratings.
        published: The same mean with the interval that papers print, which takes ratings for independent.
        raters: How many raters rated it.
        clips: How many clips were rated.
    """

    system: str
    scale: str
    interval: Interval
    published: Interval
    raters: int
    clips: int


@dataclass(frozen=True)
class Panel:
    """What a number of raters found.

    Attributes:
        raters: Their names.
        scores: One for each scale and system, scale by scale.
        comparisons: Paired differences between systems, scale by scale.
        alpha: Krippendorff's alpha by scale; NaN where it is not defined.
    """

    raters: tuple[str, ...]
    scores: tuple[OpinionScore, ...]
    comparisons: tuple[Comparison, ...]
    alpha: Mapping[str, float]


@dataclass(frozen=True)
class ListeningScores:
    """The outcome of a listening test.

    Attributes:
        plan: The plan.
        rules: The rules by which raters were screened.
        verdicts: What the rules say about each rater.
        screened: Figures of the raters who are kept: the ones to report.
        everyone: Figures of all raters.
        remarks: What is missing or more than was planned.
        seed: Seed of intervals and tests.
        confidence: Probability that an interval covers.
    """

    plan: Plan
    rules: Screening
    verdicts: tuple[Verdict, ...]
    screened: Panel
    everyone: Panel
    remarks: tuple[Remark, ...]
    seed: int
    confidence: float = 0.95

    @property
    def rules_changed(self) -> bool:
        """Whether raters were screened by other rules than the plan states."""
        return self.rules != self.plan.screening


def score(
    plan: Plan, ratings: Sequence[Rating], *, rules: Screening | None = None, seed: int = 0
) -> ListeningScores:
    """Score a listening test.

    Args:
        plan: The plan, with its key.
        ratings: Answers that `read_ratings` has checked.
        rules: Rules for leaving raters out; those of the plan if None.
        seed: Seed of intervals and tests.

    Returns:
        Scores with and without the raters who are left out, and why these are.
    """
    answers, remarks = unblind(plan, ratings)
    limits = plan.screening if rules is None else rules
    verdicts = screen(answers, limits)
    kept = answers.of([verdict.rater for verdict in verdicts if verdict.kept])
    everyone = _panel(answers, seed)
    screened = everyone if kept.raters == answers.raters else _panel(kept, seed)
    return ListeningScores(plan, limits, verdicts, screened, everyone, remarks, seed)


def _panel(answers: Answers, seed: int) -> Panel:
    scores = tuple(
        _opinion(answers, scale, system, seed) for scale in answers.scales for system in answers.systems
    )
    comparisons = tuple(
        comparison for scale in answers.scales for comparison in compare_ratings(answers, scale, seed=seed)
    )
    alpha = {
        scale: krippendorff_alpha(np.hstack(list(values)))
        for scale, values in zip(answers.scales, answers.values, strict=True)
    }
    return Panel(answers.raters, scores, comparisons, alpha)


def _opinion(answers: Answers, scale: str, system: str, seed: int) -> OpinionScore:
    values = answers.values[answers.scales.index(scale), answers.systems.index(system)]
    rated = np.isfinite(values)
    return OpinionScore(
        system,
        scale,
        crossed_interval(values, seed=seed, lowest=LOWEST, highest=HIGHEST),
        published_interval(values),
        int(rated.any(axis=1).sum()),
        int(rated.any(axis=0).sum()),
    )
