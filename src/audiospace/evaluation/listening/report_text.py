"""The outcome of a listening test in words and tables: for the terminal and as a Markdown page."""

import re
from collections.abc import Sequence

import numpy as np

from audiospace.evaluation.listening.plan import LeftOut
from audiospace.evaluation.listening.scales import SCALES
from audiospace.evaluation.listening.scores import ListeningScores, OpinionScore, Panel
from audiospace.evaluation.significance import Comparison

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


CLIPS_NAMED = 12
"""Clips that a line names before it counts the others: a benchmark has thousands."""

SCORE_HEADER = ("system", "mean", "as published", "n", "raters", "clips")
"""Columns of a table of scores."""


def score_rows(panel: Panel, scale: str) -> tuple[tuple[str, ...], ...]:
    """Give the rows of the table of scores on one scale.

    Args:
        panel: Scores of the raters who are kept, or of all.
        scale: Key of the scale.

    Returns:
        For each system as many cells as `SCORE_HEADER` names: mean and interval for other raters and other
        clips, what papers print, numbers of ratings, raters and clips.
    """
    return tuple(_score_cells(one) for one in panel.scores if one.scale == scale)


def summary_lines(scores: ListeningScores) -> tuple[str, ...]:
    """Say who was left out and why, what is missing, and how far the raters agree.

    Args:
        scores: What `score` returned.

    Returns:
        Lines without line ends, in the order in which they should be read.
    """
    out = [verdict for verdict in scores.verdicts if not verdict.kept]
    kept = len(scores.verdicts) - len(out)
    lines = [f"{kept} of {len(scores.verdicts)} raters kept; {_rules(scores)}."]
    lines += [f"{verdict.rater} left out: {'; '.join(verdict.reasons)}." for verdict in out]
    lines += [f"{remark.rater}, {remark.kind}: {remark.detail}." for remark in scores.remarks]
    lines += left_out_lines(scores.plan.left_out)
    lines += [
        f"Agreement on {SCALES[scale].title} (Krippendorff's alpha): {_number(value, 2)}."
        for scale, value in scores.screened.alpha.items()
    ]
    lines += [f"Note: {note}" for note in scores.plan.notes]
    return tuple(lines)


def difference_lines(panel: Panel) -> tuple[str, ...]:
    """Say which systems differ, one line for each pair and scale.

    Args:
        panel: Scores of the raters who are kept, or of all.

    Returns:
        Lines without line ends: the difference, its interval and p after Holm's correction.
    """
    return tuple(_difference(one) for one in panel.comparisons)


def left_out_lines(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """Say which clips are not in a test, one line for each reason.

    Args:
        left_out: The clips, as in a plan.

    Returns:
        Lines without line ends; of many clips some are named and the others counted.
    """
    reasons: dict[str, list[str]] = {}
    for one in left_out:
        reasons.setdefault(one.reason, []).append(one.clip)
    return tuple(f"Clips not in the test ({reason}): {_names(clips)}." for reason, clips in reasons.items())


def markdown(scores: ListeningScores) -> str:
    """Write the outcome as a Markdown page.

    Args:
        scores: What `score` returned.

    Returns:
        A table for each scale with the raters who are kept, the same with all where they differ, paired
        differences and remarks.
    """
    percent = round(100 * scores.confidence)
    scales = scores.plan.design.scales
    parts = [
        "# Listening test",
        f"Means on a scale from 0 to 100 with {percent} % intervals for other raters and other clips. "
        "*As published*: mean ± t s / √n, which takes all ratings for independent and is too narrow.",
    ]
    panels = [("raters who are kept", scores.screened)]
    if scores.screened.raters != scores.everyone.raters:
        panels.append(("all raters", scores.everyone))
    for title, panel in panels:
        for scale in scales:
            parts += [f"## {SCALES[scale].title}, {title}", _table(SCORE_HEADER, score_rows(panel, scale))]
    parts += [
        "## Differences (raters who are kept)",
        _bullets(difference_lines(scores.screened)),
        "## Raters, missing answers, agreement",
        _bullets(summary_lines(scores)),
    ]
    return "\n\n".join(parts) + "\n"


def _score_cells(one: OpinionScore) -> tuple[str, ...]:
    counts = (str(one.interval.n), str(one.raters), str(one.clips))
    if one.interval.n == 0:
        return (one.system, "-", "-", *counts)
    mean = f"{one.interval.mean:.1f} [{_number(one.interval.low)}, {_number(one.interval.high)}]"
    reach = one.published.high - one.published.mean
    return (one.system, mean, f"{one.published.mean:.2f} ± {_number(reach, 2)}", *counts)


def _number(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else "-"


def _difference(one: Comparison) -> str:
    pair = f"{SCALES[one.metric].title}, {one.first} - {one.second}: "
    if one.n == 0:
        return pair + "no rater rated both."
    interval = f"[{_number(one.low)}, {_number(one.high)}]"
    chance = "no test (fewer than two raters or clips)"
    if one.p_adjusted is not None:
        chance = "p < 0.001" if one.p_adjusted < 0.001 else f"p = {one.p_adjusted:.3f}"
    return f"{pair}{one.difference:+.1f} {interval}, {chance}, n = {one.n}"


def _names(clips: Sequence[str]) -> str:
    more = len(clips) - CLIPS_NAMED
    return ", ".join(clips[:CLIPS_NAMED]) + (f" and {more} more, see plan.json" if more > 0 else "")


def _rules(scores: ListeningScores) -> str:
    rules = scores.rules
    misses = f"reference at least {{:g}} but for {100 * rules.reference_misses:g} %"
    limits = [
        (rules.reference_floor, misses),
        (rules.repeat_difference, "repeats differ by at most {:g}"),
        (rules.agreement, "correlation with the others at least {:g}"),
        (rules.spread, "at least {:g} points of the scale used"),
    ]
    texts = [text.format(limit) for limit, text in limits if limit is not None]
    stated = "changed after planning" if scores.rules_changed else "as planned"
    return f"rules ({stated}): {'; '.join(texts) or 'none'}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = [header, rule, *[[_escape(row[0]), *row[1:]] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {_escape(line)}" for line in lines) or "None."


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
