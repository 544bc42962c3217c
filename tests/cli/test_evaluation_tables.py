import io
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from audiospace.cli.evaluation_tables import (
    comparison_table,
    evaluation_tables,
    finding_lines,
    print_evaluation,
)
from audiospace.evaluation.results import Evaluation, Finding, Metric, SystemScores
from audiospace.evaluation.significance import Comparison
from audiospace.evaluation.statistics import Interval

NONE = Interval(math.nan, math.nan, math.nan, 0)
METRICS = tuple(
    Metric(f"m{place}", f"measured thing {place}", "spatial", "rad", "lower", 1.5, "note")
    for place in range(9)
)


def system(name, mean, n=12, folder=Path("/x")):
    found = Interval(mean, mean - 0.2, mean + 0.2, n) if n else NONE
    clips = {f"clip{place}": {"m0": mean} for place in range(n)}
    return SystemScores(name, folder, {metric.key: found for metric in METRICS}, clips, found)


@pytest.fixture
def evaluation():
    return Evaluation(
        reference=Path("/recorded"),
        metrics=METRICS,
        systems=(
            system("[bold]a_b%[/]", 1.0),
            system("a system with a name longer than most", 2.0, n=10),
            system("silent", 0.0, n=0),
            system("always front", 0.5, folder=None),
        ),
        comparisons=(Comparison("m0", "[bold]a_b%[/]", "always front", 12, 0.5, 0.25, 0.75, 0.001, 0.004),),
        findings=(
            *(Finding("[bold]a_b%[/]", f"clip{place}", "rate", "8000 Hz", True) for place in range(12)),
            *(Finding("silent", f"clip{place}", "silent", "no sound", False) for place in range(12)),
        ),
        notes=("A [note].",),
        directions={},
        strips=(),
        seed=0,
    )


def printed(evaluation, width=120):
    buffer = io.StringIO()
    print_evaluation(Console(file=buffer, width=width, highlight=False, soft_wrap=True), evaluation)
    return buffer.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_tables_fit_and_lose_nothing(evaluation, width):
    text = printed(replace(evaluation, findings=(), comparisons=(), notes=()), width)
    table_lines = [line for line in text.splitlines() if "different n" not in line]
    assert max(len(line.rstrip()) for line in table_lines) <= min(width, 120)
    assert "…" not in text
    assert text.count("1.000") == len(METRICS) + 1
    assert text.count("[0.800, 1.200]") == len(METRICS) + 1


def test_wide_group_is_given_in_parts(evaluation):
    assert len(evaluation_tables(evaluation, 80)) > len(evaluation_tables(evaluation, 120)) > 1
    assert len(evaluation_tables(evaluation, 1000)) == 1


def test_names_are_no_markup_and_counts_are_shown(evaluation):
    assert printed(replace(evaluation, findings=(), comparisons=())).count("[bold]a_b%[/]") == 2
    assert "[bold]a_b%[/]" in printed(replace(evaluation, findings=(), systems=evaluation.systems[3:]))
    text = printed(evaluation)
    assert "A [note]." in text
    assert re.search(r"a system with a name longer\s+10 ", text)
    assert "chance" in text
    assert "95 % interval" in text


def test_differences_between_systems_are_listed(evaluation):
    text = printed(evaluation)
    assert "+0.500 [+0.250, +0.750]" in text
    assert "0.004" in text
    assert comparison_table(replace(evaluation, comparisons=())) is None
    many = replace(evaluation, comparisons=evaluation.comparisons * 30)
    assert comparison_table(many, limit=24).row_count == 24
    assert "6 more" in comparison_table(many, limit=24).caption


def test_findings_take_one_line_per_system_and_reason(evaluation):
    assert finding_lines(evaluation) == [
        "[bold]a_b%[/], rate, counted: 8000 Hz: all 12 clips",
        "silent, silent, left out: no sound: clip0, clip1, clip2 and 9 more",
    ]
