"""The outcome of a listening test as JSON, CSV and Markdown."""

import json
from dataclasses import asdict
from pathlib import Path

from audiospace.evaluation.listening.plan import REFERENCE
from audiospace.evaluation.listening.report_text import markdown
from audiospace.evaluation.listening.scores import ListeningScores, OpinionScore, Panel
from audiospace.evaluation.plain_figures import comparison_tree, csv_text, rounded
from audiospace.evaluation.statistics import Interval
from audiospace.media import writing

FORMAT = "audiospace listening scores 1"
SCORE_COLUMNS = (
    "panel", "scale", "system", "mean", "low", "high", "published_low", "published_high",
    "n", "raters", "clips",
)  # fmt: skip
RATER_COLUMNS = (
    "rater", "kept", "ratings", "reference_misses", "repeat_difference", "agreement", "spread", "reasons",
)  # fmt: skip


def scores_tree(scores: ListeningScores) -> dict[str, object]:
    """Describe the outcome as a tree that `json.dumps` takes.

    Args:
        scores: What `score` returned.

    Returns:
        `screened` and `everyone`, each with `systems.NAME.SCALE.{mean, low, high, n, ...}` to six decimals
        (null where there is none), paired differences and alpha; the rules, raters and remarks.
    """
    return {
        "format": FORMAT,
        "seed": scores.seed,
        "plan_seed": scores.plan.seed,
        "confidence": scores.confidence,
        "reference": REFERENCE,
        "rules": asdict(scores.rules),
        "rules_changed": scores.rules_changed,
        "screened": _panel(scores.screened),
        "everyone": _panel(scores.everyone),
        "raters": [{**asdict(verdict), "kept": verdict.kept} for verdict in scores.verdicts],
        "remarks": [asdict(remark) for remark in scores.remarks],
        "left_out": [asdict(clip) for clip in scores.plan.left_out],
    }


def scores_json(scores: ListeningScores) -> str:
    """Write the outcome as the text of a JSON file.

    Args:
        scores: What `score` returned.

    Returns:
        The text, with a line end.
    """
    return json.dumps(scores_tree(scores), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def scores_csv(scores: ListeningScores) -> str:
    """Write one line for each panel, scale and system.

    Args:
        scores: What `score` returned.

    Returns:
        The text of a CSV file; the panel is `screened` or `everyone`, and empty cells have no value.
    """
    panels = (("screened", scores.screened), ("everyone", scores.everyone))
    return csv_text(
        SCORE_COLUMNS, ((name, *_score_cells(one)) for name, panel in panels for one in panel.scores)
    )


def raters_csv(scores: ListeningScores) -> str:
    """Write one line for each rater who gave answers.

    Args:
        scores: What `score` returned.

    Returns:
        The text of a CSV file.
    """
    rows = (
        (
            one.rater,
            int(one.kept),
            one.ratings,
            *map(_cell, (one.reference_misses, one.repeat_difference, one.agreement, one.spread)),
            "; ".join(one.reasons),
        )
        for one in scores.verdicts
    )
    return csv_text(RATER_COLUMNS, rows)


def write_scores(folder: Path, scores: ListeningScores) -> None:
    """Write the outcome as `results.json`, `table.md`, `scores.csv` and `raters.csv`.

    Args:
        folder: Where; made if it is not there. Files of these names are replaced.
        scores: What `score` returned.

    Raises:
        UserError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "results.json": scores_json(scores),
        "table.md": markdown(scores),
        "scores.csv": scores_csv(scores),
        "raters.csv": raters_csv(scores),
    }
    for name, text in texts.items():
        write_text(folder / name, text)


def write_text(path: Path, text: str) -> None:
    """Write a text file, which is there whole or not at all.

    Args:
        path: File to write.
        text: What is in it.

    Raises:
        UserError: It cannot be written.
    """
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def _cell(value: float | None) -> str:
    figure = rounded(value)
    return "" if figure is None else f"{figure:.6f}"


def _panel(panel: Panel) -> dict[str, object]:
    systems: dict[str, dict[str, object]] = {}
    for one in panel.scores:
        systems.setdefault(one.system, {})[one.scale] = {
            **_interval(one.interval),
            "n": one.interval.n,
            "raters": one.raters,
            "clips": one.clips,
            "as_published": _interval(one.published),
        }
    return {
        "raters": list(panel.raters),
        "systems": systems,
        "comparisons": [{"scale": one.metric, **comparison_tree(one)} for one in panel.comparisons],
        "alpha": {scale: rounded(value) for scale, value in panel.alpha.items()},
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    return {
        "mean": rounded(interval.mean),
        "low": rounded(interval.low),
        "high": rounded(interval.high),
    }


def _score_cells(one: OpinionScore) -> tuple[object, ...]:
    figures = (
        one.interval.mean, one.interval.low, one.interval.high, one.published.low, one.published.high,
    )  # fmt: skip
    return (one.scale, one.system, *map(_cell, figures), one.interval.n, one.raters, one.clips)
