"""An evaluation on the terminal: a table per group of metrics, what is different, what was left out."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from audiospace.evaluation.report.tables import Cell, Column, GroupTable, Row
    from audiospace.evaluation.results import Evaluation

WIDTH = 120
"""Columns of letters that a table takes at most, unless told otherwise."""
LONGEST_NAME = 28
SHORTEST_HEADING = 9
GAP, EDGES = 2, 2
"""Spaces between columns, and at both ends together."""
CLIPS_NAMED = 3
"""Clips that a line about findings names before it counts the others."""
COMPARISONS_SHOWN = 24


def evaluation_tables(evaluation: "Evaluation", width: int = WIDTH) -> list[Table]:
    """Lay out the figures of an evaluation.

    Args:
        evaluation: What `evaluate` returned.
        width: Letters that fit in a line; a group that is wider is given in several tables.

    Returns:
        The tables: means with intervals below, the best of the given systems bold, trivial ones dim.
    """
    from audiospace.evaluation.report.tables import group_tables

    percent = f"{100 * evaluation.confidence:g} %"
    return [
        _table(table, part, percent) for table in group_tables(evaluation) for part in _parts(table, width)
    ]


def comparison_table(evaluation: "Evaluation", limit: int = COMPARISONS_SHOWN) -> Table | None:
    """Lay out the paired differences between systems.

    Args:
        evaluation: What `evaluate` returned.
        limit: How many are shown; those between given systems come first, and the caption counts the others.

    Returns:
        A table, or None if nothing was compared.
    """
    from audiospace.evaluation.report.differences import differences

    rows = differences(evaluation)
    if not rows:
        return None
    hidden = f"; {len(rows) - limit} more are in the report" if len(rows) > limit else ""
    table = _frame(
        "Differences between systems: first minus second on the clips that both have",
        f"p: two-sided, after Holm's correction{hidden}",
    )
    for heading in ("metric", "first", "second", "better"):
        table.add_column(heading, overflow="fold", max_width=LONGEST_NAME)
    for heading in ("n", "difference", "p"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows[:limit]:
        words = (row.metric, row.first, row.second, row.better)
        figures = (str(row.n), f"{row.difference} {row.interval}".rstrip(), row.p_adjusted)
        table.add_row(*(Text(text) for text in (*words, *figures)))
    return table


def finding_lines(evaluation: "Evaluation") -> list[str]:
    """Say what was left out and what was counted in spite of a difference.

    Args:
        evaluation: What `evaluate` returned.

    Returns:
        One line per system and reason; of many clips a few are named.
    """
    from audiospace.evaluation.report.findings import group_findings

    return [group.line(CLIPS_NAMED) for group in group_findings(evaluation)]


def print_evaluation(console: Console, evaluation: "Evaluation", width: int | None = None) -> None:
    """Print an evaluation.

    Args:
        console: Where to.
        evaluation: What `evaluate` returned.
        width: Letters that fit in a line; by default as many as the console has, up to 120.
    """
    for table in evaluation_tables(evaluation, width or min(console.width, WIDTH)):
        console.print(table)
    comparisons = comparison_table(evaluation)
    if comparisons is not None:
        console.print(comparisons)
    for line in (*finding_lines(evaluation), *evaluation.notes):
        console.print(line, markup=False)


def _frame(title: str, caption: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        caption=caption,
        caption_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, GAP - 1, 0, 0),
        pad_edge=False,
    )


def _cell(row: "Row", cell: "Cell") -> Text:
    count = row.odd_count(cell)
    text = Text(f"{cell.mean} {count}".rstrip(), style="bold" if cell.best else "")
    if cell.interval:
        text.append(f"\n{cell.interval}", style="not bold dim")
    return text


def _heading(column: "Column", width: int) -> str:
    unit = " ".join(part for part in (column.metric.unit, column.arrow) if part)
    return "\n".join([*textwrap.wrap(column.metric.title, max(width, SHORTEST_HEADING)), unit])


def _widths(table: "GroupTable") -> list[int]:
    """Measure how wide each column becomes, its heading broken to the width of its figures."""
    widths = []
    for place, column in enumerate(table.columns):
        cells = [_cell(row, row.cells[place]).plain for row in table.rows]
        figures = max(
            (len(line) for cell in [*cells, column.chance] for line in cell.splitlines()), default=0
        )
        heading = _heading(column, figures).splitlines()
        widths.append(max([figures, *(len(line) for line in heading)]))
    return widths


def _parts(table: "GroupTable", width: int) -> list[list[int]]:
    """Divide the columns of a table so that each part fits; gives their places."""
    names = min(LONGEST_NAME, max([len(row.name) for row in table.rows] + [len("system")]))
    counts = max([len(str(row.n)) for row in table.rows] + [1])
    start = EDGES + names + GAP + counts
    parts: list[list[int]] = [[]]
    used = start
    for place, needed in enumerate(_widths(table)):
        if parts[-1] and used + GAP + needed > width:
            parts.append([])
            used = start
        parts[-1].append(place)
        used += needed + GAP
    return parts


def _table(table: "GroupTable", part: Sequence[int], percent: str) -> Table:
    from audiospace.evaluation.report.tables import UNEVEN

    last = part[-1] == len(table.columns) - 1
    framed = _frame(f"{table.title}: mean, [{percent} interval]", UNEVEN if last and table.uneven else "")
    widths = _widths(table)
    framed.add_column("system", overflow="fold", max_width=LONGEST_NAME)
    framed.add_column("n", justify="right", no_wrap=True)
    for place in part:
        heading = _heading(table.columns[place], widths[place])
        framed.add_column(Text(heading), justify="right", no_wrap=True, min_width=widths[place])
    for row in table.rows:
        cells = (_cell(row, row.cells[place]) for place in part)
        framed.add_row(Text(row.name), str(row.n), *cells, style="dim" if row.trivial else "")
    chance = [table.columns[place].chance for place in part]
    if table.has_chance:
        framed.add_row(Text("chance"), "", *chance, style="dim")
    return framed
