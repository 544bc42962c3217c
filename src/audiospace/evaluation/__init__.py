"""Comparing generated sounds with recorded ones: pairs, errors, means with intervals."""

from audiospace.evaluation.benchmarks import Split, load_split
from audiospace.evaluation.metric_table import GROUPS
from audiospace.evaluation.pairs import find_captions, find_sounds, find_videos
from audiospace.evaluation.report import check_report, to_json, write_json, write_report
from audiospace.evaluation.results import Evaluation, Finding, Group, Metric, Strip, SystemScores
from audiospace.evaluation.run import evaluate
from audiospace.evaluation.significance import Comparison, adjust, compare_clips, holm, sign_flip_p
from audiospace.evaluation.statistics import Interval, bootstrap_mean, bootstrap_means
from audiospace.evaluation.trivial import ALWAYS_FRONT, MONO, MOTION, RANDOM, RECOGNISER, RECORDED
from audiospace.evaluation.workers import default_jobs

__all__ = [
    "ALWAYS_FRONT",
    "GROUPS",
    "MONO",
    "MOTION",
    "RANDOM",
    "RECOGNISER",
    "RECORDED",
    "Comparison",
    "Evaluation",
    "Finding",
    "Group",
    "Interval",
    "Metric",
    "Split",
    "Strip",
    "SystemScores",
    "adjust",
    "bootstrap_mean",
    "bootstrap_means",
    "check_report",
    "compare_clips",
    "default_jobs",
    "evaluate",
    "find_captions",
    "find_sounds",
    "find_videos",
    "holm",
    "load_split",
    "sign_flip_p",
    "to_json",
    "write_json",
    "write_report",
]
