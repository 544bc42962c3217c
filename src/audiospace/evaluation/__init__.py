"""Comparing generated sounds with recorded ones: pairs, errors, means with intervals."""

from audiospace.evaluation.inspection import Inspection, SoundField, SoundLevels, inspect
from audiospace.evaluation.inspection_text import inspection_json, inspection_lines
from audiospace.evaluation.pairs import Pair, Pairing, find_sounds, pair
from audiospace.evaluation.report import to_json, write_report
from audiospace.evaluation.run import (
    ALWAYS_FRONT,
    METRICS,
    RANDOM,
    ClipErrors,
    Evaluation,
    Finding,
    SystemScores,
    evaluate,
)
from audiospace.evaluation.statistics import Interval, bootstrap_mean

__all__ = [
    "ALWAYS_FRONT",
    "METRICS",
    "RANDOM",
    "ClipErrors",
    "Evaluation",
    "Finding",
    "Inspection",
    "Interval",
    "Pair",
    "Pairing",
    "SoundField",
    "SoundLevels",
    "SystemScores",
    "bootstrap_mean",
    "evaluate",
    "find_sounds",
    "inspect",
    "inspection_json",
    "inspection_lines",
    "pair",
    "to_json",
    "write_report",
]
