"""An evaluation as plain data, and as a JSON file."""

import json
from pathlib import Path

from audiospace.evaluation.plain_figures import comparison_tree, rounded
from audiospace.evaluation.report.tables import FRONT
from audiospace.evaluation.results import Evaluation, Finding, Metric, SystemScores
from audiospace.evaluation.statistics import Interval
from audiospace.media import writing

FORMAT = "audiospace-evaluation"
"""Value of `format` in every such file: by it a report is known to be one of this program."""


def _interval(interval: Interval) -> dict[str, float | int | None]:
    has_figure = interval.n > 0
    return {
        "mean": rounded(interval.mean) if has_figure else None,
        "low": rounded(interval.low) if has_figure else None,
        "high": rounded(interval.high) if has_figure else None,
        "n": interval.n,
    }


def _system(scores: SystemScores) -> dict[str, object]:
    return {
        "folder": None if scores.folder is None else str(scores.folder),
        "trivial": scores.trivial,
        **{key: _interval(interval) for key, interval in scores.intervals.items()},
        FRONT.key: _interval(scores.front),
        "clips": {
            clip: {key: rounded(value) for key, value in figures.items()}
            for clip, figures in scores.clips.items()
        },
    }


def _metric(metric: Metric) -> dict[str, object]:
    return {
        "title": metric.title,
        "unit": metric.unit,
        "better": metric.better,
        "chance": rounded(metric.chance),
        "group": metric.group,
        "note": metric.note,
        "headline": metric.headline,
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "system": finding.system,
        "clip": finding.clip,
        "kind": finding.kind,
        "detail": finding.detail,
        "counted": finding.counted,
    }


def to_json(evaluation: Evaluation) -> dict[str, object]:
    """Describe an evaluation as a tree that `json.dumps` takes.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        `systems.NAME.METRIC.{mean, low, high, n}` with six decimals (null where n = 0, or where a figure of a
        whole set has no interval), `systems.NAME.front_same_clips` likewise,
        `systems.NAME.clips.CLIP.METRIC`, `metrics.METRIC` (title, unit, which way is better, chance level),
        paired comparisons, findings and notes.
    """
    return {
        "format": FORMAT,
        "reference": str(evaluation.reference),
        "seed": evaluation.seed,
        "confidence": evaluation.confidence,
        "metrics": {metric.key: _metric(metric) for metric in evaluation.metrics},
        "systems": {scores.name: _system(scores) for scores in evaluation.systems},
        "comparisons": [{"metric": one.metric, **comparison_tree(one)} for one in evaluation.comparisons],
        "findings": [_finding(finding) for finding in evaluation.findings],
        "notes": list(evaluation.notes),
    }


def json_text(evaluation: Evaluation) -> str:
    """Write an evaluation as the text of a JSON file.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        The text, with a line end; names in any script are left as they are.
    """
    return json.dumps(to_json(evaluation), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def write_json(path: str | Path, evaluation: Evaluation) -> None:
    """Write an evaluation as a JSON file, which is there whole or not at all.

    Args:
        path: File to write.
        evaluation: What `evaluate` returned.

    Raises:
        UserError: The folder is missing or cannot be written, or the disk is full.
    """
    text = json_text(evaluation)
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
