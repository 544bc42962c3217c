"""An evaluation as comma-separated values: one row per figure, as programs that draw and fit like it."""

from collections.abc import Sequence

from audiospace.evaluation.plain_figures import csv_text, rounded
from audiospace.evaluation.report.tables import FRONT, figure
from audiospace.evaluation.results import Evaluation

FIGURE_COLUMNS = ("system", "metric", "unit", "mean", "low", "high", "n")
CLIP_COLUMNS = ("clip", "system", "metric", "value")


def figures_csv(evaluation: Evaluation) -> str:
    """Write the means of an evaluation.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        A table with the columns of `FIGURE_COLUMNS`, six decimals, an empty field where there is no figure.
        Among the metrics is `front_same_clips`: the angle of always saying front on the system's own clips.
    """
    spatial = any(metric.group == FRONT.group for metric in evaluation.metrics)
    metrics = (*evaluation.metrics, FRONT) if spatial else evaluation.metrics
    rows: list[Sequence[object]] = []
    for scores in evaluation.systems:
        for metric in metrics:
            found = figure(scores, metric)
            ends = (rounded(found.mean), rounded(found.low), rounded(found.high)) if found.n else (None,) * 3
            rows.append((scores.name, metric.key, metric.unit, *ends, found.n))
    return csv_text(FIGURE_COLUMNS, rows)


def clips_csv(evaluation: Evaluation) -> str:
    """Write the figures of every clip.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        A table with the columns of `CLIP_COLUMNS`, six decimals; figures that are not defined have no row.
    """
    rows = [
        (clip, scores.name, key, rounded(value))
        for scores in evaluation.systems
        for clip, figures in scores.clips.items()
        for key, value in figures.items()
    ]
    return csv_text(CLIP_COLUMNS, rows)
