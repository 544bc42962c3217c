"""An evaluation as plain data, and as a JSON file."""

import json
from pathlib import Path

from audiospace.evaluation.run import Evaluation, Finding, SystemScores
from audiospace.evaluation.statistics import Interval
from audiospace.media import writing


def _interval(interval: Interval) -> dict[str, float | int | None]:
    return {
        "mean": None if interval.n == 0 else round(interval.mean, 6),
        "low": None if interval.n == 0 else round(interval.low, 6),
        "high": None if interval.n == 0 else round(interval.high, 6),
        "n": interval.n,
    }


def _system(scores: SystemScores) -> dict[str, object]:
    return {
        "folder": None if scores.folder is None else str(scores.folder),
        **{metric: _interval(interval) for metric, interval in scores.metrics.items()},
        "always_front_on_the_same_clips": _interval(scores.front),
        "clips": {
            clip.clip: {
                "azimuth": round(clip.errors.azimuth, 6),
                "elevation": round(clip.errors.elevation, 6),
                "angle": round(clip.errors.angle, 6),
            }
            for clip in scores.clips
        },
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
        `systems.NAME.METRIC.{mean, low, high, n}` in radians to six digits, the errors clip by clip, and the
        findings.
    """
    return {
        "reference": str(evaluation.reference),
        "unit": "radian",
        "seed": evaluation.seed,
        "systems": {scores.name: _system(scores) for scores in evaluation.systems},
        "findings": [_finding(finding) for finding in evaluation.findings],
    }


def write_report(path: Path, evaluation: Evaluation) -> None:
    """Write an evaluation as JSON; the file is there whole or not at all.

    Args:
        path: File to write.
        evaluation: What `evaluate` returned.

    Raises:
        UserError: The folder is missing or cannot be written, or the disk is full.
    """
    with writing(path) as temporary:
        temporary.write_text(
            json.dumps(to_json(evaluation), indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )
