"""Listening tests: balanced blind plans, ratings as CSV, screening, mean opinion scores with intervals."""

from audiospace.evaluation.listening.agreement import krippendorff_alpha
from audiospace.evaluation.listening.answers import Answers, Remark, unblind
from audiospace.evaluation.listening.balance import Balance, balance_of
from audiospace.evaluation.listening.differences import compare_ratings, difference_p
from audiospace.evaluation.listening.drawing import draw_plan
from audiospace.evaluation.listening.intervals import crossed_error, crossed_interval, published_interval
from audiospace.evaluation.listening.plan import ANCHOR, REFERENCE, Design, LeftOut, Plan, Stimulus, Trial
from audiospace.evaluation.listening.plan_folder import make_plan, plan_tree, read_plan
from audiospace.evaluation.listening.ratings import Rating, read_ratings, write_ratings
from audiospace.evaluation.listening.report import (
    raters_csv,
    scores_csv,
    scores_json,
    scores_tree,
    write_scores,
    write_text,
)
from audiospace.evaluation.listening.report_text import (
    SCORE_HEADER,
    difference_lines,
    left_out_lines,
    markdown,
    score_rows,
    summary_lines,
)
from audiospace.evaluation.listening.rules import Screening
from audiospace.evaluation.listening.scales import SCALES, Scale
from audiospace.evaluation.listening.scores import ListeningScores, OpinionScore, Panel, score
from audiospace.evaluation.listening.screening import Verdict, rater_agreement, screen
from audiospace.evaluation.listening.stimuli import low_anchor
from audiospace.evaluation.listening.williams import williams_square

__all__ = [
    "ANCHOR",
    "REFERENCE",
    "SCALES",
    "SCORE_HEADER",
    "Answers",
    "Balance",
    "Design",
    "LeftOut",
    "ListeningScores",
    "OpinionScore",
    "Panel",
    "Plan",
    "Rating",
    "Remark",
    "Scale",
    "Screening",
    "Stimulus",
    "Trial",
    "Verdict",
    "balance_of",
    "compare_ratings",
    "crossed_error",
    "crossed_interval",
    "difference_lines",
    "difference_p",
    "draw_plan",
    "krippendorff_alpha",
    "left_out_lines",
    "low_anchor",
    "make_plan",
    "markdown",
    "plan_tree",
    "published_interval",
    "rater_agreement",
    "raters_csv",
    "read_plan",
    "read_ratings",
    "score",
    "score_rows",
    "scores_csv",
    "scores_json",
    "scores_tree",
    "screen",
    "summary_lines",
    "unblind",
    "williams_square",
    "write_ratings",
    "write_scores",
    "write_text",
]
