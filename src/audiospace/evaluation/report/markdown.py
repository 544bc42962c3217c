"""An evaluation as a Markdown page: tables, paired differences, what was left out, notes."""

import re
from collections.abc import Iterable, Sequence

from audiospace.evaluation.report.differences import differences
from audiospace.evaluation.report.findings import group_findings
from audiospace.evaluation.report.tables import UNEVEN, Column, GroupTable, Row, group_tables
from audiospace.evaluation.results import Evaluation

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#])")


def escape(text: str) -> str:
    """Write text so that Markdown shows it as it is, in a table too.

    Args:
        text: Any text.

    Returns:
        One line with a backslash before every character that Markdown would take for its own.
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def markdown(evaluation: Evaluation) -> str:
    """Write an evaluation as a page.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        One table per group of metrics: means with intervals in brackets, the best of the given systems bold,
        trivial ones in italics, the chance level below. Then paired differences, findings and notes.
    """
    parts = [_introduction(evaluation)]
    parts += [_group(table) for table in group_tables(evaluation)]
    parts += [
        text
        for text in (_differences(evaluation), _findings(evaluation), _notes(evaluation))
        if text is not None
    ]
    return "\n\n".join(parts) + "\n"


def _introduction(evaluation: Evaluation) -> str:
    return (
        "# Evaluation\n\n"
        f"Against the recorded sounds in {escape(str(evaluation.reference))}. Mean over clips "
        f"[{100 * evaluation.confidence:g} % interval, seed {evaluation.seed}]; ↓ smaller is "
        "better, ↑ larger is better; **bold** is the best of the given systems, *italic* is there for "
        "comparison."
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rows(header: Sequence[str], words: int, rows: Iterable[Sequence[str]]) -> str:
    """Write a table whose first columns are words, to the left, and others figures, to the right."""
    rule = ["---"] * words + ["---:"] * (len(header) - words)
    return "\n".join(_line(row) for row in (header, rule, *rows))


def _heading(column: Column) -> str:
    unit = f"({column.metric.unit})" if column.metric.unit else ""
    return " ".join(part for part in (escape(column.metric.title), column.arrow, unit) if part)


def _figures(row: Row) -> list[str]:
    texts = []
    for cell in row.cells:
        mean = f"**{cell.mean}**" if cell.best else cell.mean
        texts.append(" ".join(part for part in (mean, cell.interval, row.odd_count(cell)) if part))
    name = escape(row.name)
    return [f"*{name}*" if row.trivial else name, str(row.n), *texts]


def _group(table: GroupTable) -> str:
    rows = [_figures(row) for row in table.rows]
    if table.has_chance:
        rows.append(["*chance*", "", *(column.chance for column in table.columns)])
    header = ["system", "n", *(_heading(column) for column in table.columns)]
    notes = [
        f"- {escape(column.metric.title)}: {escape(column.metric.note)}."
        for column in table.columns
        if column.metric.note
    ]
    if table.uneven:
        notes.append(f"- {UNEVEN}")
    return "\n\n".join([f"## {table.title}", _rows(header, 1, rows), "\n".join(notes)]).rstrip()


def _differences(evaluation: Evaluation) -> str | None:
    if not evaluation.comparisons:
        return None
    header = ["metric", "systems", "better", "n", "difference", "p", "p (Holm)"]
    rows = [
        [
            escape(row.metric),
            f"{escape(row.first)} - {escape(row.second)}",
            escape(row.better),
            str(row.n),
            f"{row.difference} {row.interval}".rstrip(),
            escape(row.p),
            escape(row.p_adjusted),
        ]
        for row in differences(evaluation)
    ]
    about = (
        "First minus second on the clips that both have; two-sided p by flipping signs, and after Holm's "
        "correction for all comparisons in the metric."
    )
    return f"## Differences between systems\n\n{_rows(header, 3, rows)}\n\n{about}"


def _findings(evaluation: Evaluation) -> str | None:
    lines = [f"- {escape(group.line())}" for group in group_findings(evaluation)]
    return "\n".join(["## What was left out or differs", "", *lines]) if lines else None


def _notes(evaluation: Evaluation) -> str | None:
    lines = [f"- {escape(note)}" for note in evaluation.notes]
    return "\n".join(["## Notes", "", *lines]) if lines else None
