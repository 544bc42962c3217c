"""Evaluations as JSON, CSV, Markdown, LaTeX and plots."""

from audiospace.evaluation.report.csv_file import clips_csv, figures_csv
from audiospace.evaluation.report.folder import check_report, write_report
from audiospace.evaluation.report.json_file import to_json, write_json
from audiospace.evaluation.report.latex import latex
from audiospace.evaluation.report.markdown import markdown
from audiospace.evaluation.report.plots import draw_plots
from audiospace.evaluation.report.plots_style import require_plots

__all__ = [
    "check_report",
    "clips_csv",
    "draw_plots",
    "figures_csv",
    "latex",
    "markdown",
    "require_plots",
    "to_json",
    "write_json",
    "write_report",
]
