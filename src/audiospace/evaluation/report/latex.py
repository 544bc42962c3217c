"""An evaluation as LaTeX tables in the manner of the package `booktabs`."""

import re
from collections.abc import Iterable, Mapping

from audiospace.evaluation.report.tables import NOTHING, Column, GroupTable, Row, group_tables
from audiospace.evaluation.results import Evaluation

_ESCAPES: Mapping[str, str] = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
}
"""Brackets and stars stand in braces: at the start of a row they would be options of the line break."""
_SPECIAL = re.compile("|".join(re.escape(character) for character in _ESCAPES))
_ARROWS: Mapping[str, str] = {"↓": r"$\downarrow$", "↑": r"$\uparrow$", "": ""}


def escape(text: str) -> str:
    """Write text so that LaTeX sets it as it is.

    Args:
        text: Any text.

    Returns:
        One line without commands or active characters.
    """
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], " ".join(text.split()))


def latex(evaluation: Evaluation) -> str:
    """Write the tables of an evaluation for a paper.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        One `table` with a `tabular` per group of metrics, ready to be included. A system has its means in
        one line and their intervals in the next; the best of the given systems is bold, trivial ones are in
        italics.
    """
    start = "% Needs \\usepackage{booktabs}."
    return "\n\n".join([start, *(_table(table, evaluation) for table in group_tables(evaluation))]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _figure(text: str) -> str:
    """Set a figure: a minus sign is not a hyphen."""
    return "--" if text == NOTHING else text.replace("-", "$-$")


def _unit(column: Column) -> str:
    return " ".join(part for part in (escape(column.metric.unit), _ARROWS[column.arrow]) if part)


def _row(row: Row) -> list[str]:
    means = []
    for cell in row.cells:
        mean = rf"\textbf{{{_figure(cell.mean)}}}" if cell.best else _figure(cell.mean)
        count = row.odd_count(cell)
        means.append(rf"{mean} {{\footnotesize ({count})}}" if count else mean)
    name = escape(row.name)
    intervals = [
        rf"{{\footnotesize {_figure(cell.interval)}}}" if cell.interval else "" for cell in row.cells
    ]
    lines = [_line([rf"\textit{{{name}}}" if row.trivial else name, str(row.n), *means])]
    return [*lines, _line(["", "", *intervals])] if any(intervals) else lines


def _table(table: GroupTable, evaluation: Evaluation) -> str:
    given = [line for row in table.rows if not row.trivial for line in _row(row)]
    others = [line for row in table.rows if row.trivial for line in _row(row)]
    if table.has_chance:
        others.append(_line([r"\textit{chance}", "", *(_figure(column.chance) for column in table.columns)]))
    caption = (
        rf"{escape(table.title)}: means over $n$ clips with {100 * evaluation.confidence:g}\,\% intervals."
    )
    return "\n".join(
        [
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{caption}}}",
            rf"  \label{{tab:{table.group}}}",
            rf"  \begin{{tabular}}{{lr{'r' * len(table.columns)}}}",
            r"    \toprule",
            "    " + _line(["system", "$n$", *(escape(column.metric.title) for column in table.columns)]),
            "    " + _line(["", "", *(_unit(column) for column in table.columns)]),
            r"    \midrule",
            *(f"    {line}" for line in given),
            *([r"    \midrule"] if given and others else []),
            *(f"    {line}" for line in others),
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
        ]
    )
