import csv
import io
import json
import math
import re
from dataclasses import replace

import pytest
from report_example import CLIPS, FRONT, MUTE, PERCENT, VISAGE, example, scores

from audiospace.evaluation.plain_figures import rounded
from audiospace.evaluation.report.csv_file import clips_csv, figures_csv
from audiospace.evaluation.report.findings import group_findings
from audiospace.evaluation.report.json_file import json_text, to_json, write_json
from audiospace.evaluation.report.latex import escape as latex_escape
from audiospace.evaluation.report.latex import latex
from audiospace.evaluation.report.markdown import markdown
from audiospace.evaluation.results import Evaluation, Finding
from audiospace.evaluation.statistics import Interval


def rows_of(csv_text):
    return list(csv.DictReader(io.StringIO(csv_text)))


def markdown_tables(text):
    """Give each table as a list of rows of cells; a bar after a backslash is part of the cell."""
    tables = []
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        tables.append([re.split(r"(?<!\\)\|", line)[1:-1] for line in block.splitlines()])
    return [[[cell.strip() for cell in row] for row in table] for table in tables]


def test_json_has_every_figure_to_six_digits():
    evaluation = example()
    tree = json.loads(json_text(evaluation))
    assert tree == json.loads(json.dumps(to_json(evaluation), allow_nan=False))
    assert tree["systems"][PERCENT]["angle"] == {"mean": 1.30001, "low": 0.7, "high": 1.9, "n": 3}
    assert tree["systems"][MUTE]["angle"] == {"mean": None, "low": None, "high": None, "n": 0}
    assert tree["systems"][VISAGE]["frechet"] == {"mean": 88.25, "low": None, "high": None, "n": 3}
    assert tree["systems"][VISAGE]["front_same_clips"]["mean"] == 1.25
    assert tree["systems"][PERCENT]["clips"]["cat, the"] == {"angle": 1.1}
    assert [tree["systems"][name]["trivial"] for name in (PERCENT, FRONT)] == [False, True]
    assert list(tree["systems"]) == [PERCENT, VISAGE, MUTE, FRONT]
    assert tree["metrics"]["angle"] == {
        "title": "angle",
        "unit": "rad",
        "better": "lower",
        "chance": 1.570796,
        "group": "spatial",
        "note": "great-circle error",
        "headline": True,
    }
    assert tree["metrics"]["frechet"]["chance"] is None
    assert tree["comparisons"][0]["p_adjusted"] == 0.0012
    assert tree["comparisons"][3]["difference"] is None
    assert len(tree["findings"]) == 9
    assert tree["notes"] == ["Trained on *no* clip here"]
    assert (tree["reference"], tree["seed"], tree["confidence"]) == ("/recorded_1", 7, 0.95)


def test_rounding_keeps_six_decimals_and_no_minus_zero():
    assert rounded(math.pi) == 3.141593
    assert math.copysign(1, rounded(-1e-9)) == 1
    assert rounded(math.inf) is None
    assert rounded(None) is None


def test_json_file_is_written_with_names_of_any_script(tmp_path):
    path = tmp_path / "all.json"
    write_json(path, replace(example(), notes=("海",)))
    assert "海" in path.read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["all.json"]


def test_csv_has_one_row_per_figure():
    rows = rows_of(figures_csv(example()))
    assert list(rows[0]) == ["system", "metric", "unit", "mean", "low", "high", "n"]
    assert len(rows) == 4 * 4
    found = {(row["system"], row["metric"]): row for row in rows}
    assert float(found[PERCENT, "angle"]["mean"]) == 1.30001
    assert found[PERCENT, "angle"]["unit"] == "rad"
    assert found[VISAGE, "front_same_clips"]["mean"] == "1.25"
    assert [found[MUTE, "angle"][field] for field in ("mean", "low", "high", "n")] == ["", "", "", "0"]
    assert [found[VISAGE, "frechet"][field] for field in ("mean", "low", "high", "n")] == [
        "88.25",
        "",
        "",
        "3",
    ]


def test_csv_by_clip_has_what_is_defined():
    rows = rows_of(clips_csv(example()))
    assert list(rows[0]) == ["clip", "system", "metric", "value"]
    assert {(row["clip"], row["system"]) for row in rows} == {
        (clip, system) for clip in CLIPS for system in (PERCENT, VISAGE, FRONT)
    }
    assert [row["value"] for row in rows if row["system"] == PERCENT] == ["0.1", "1.1", "2.1"]


def test_markdown_has_a_table_per_group_with_equal_rows():
    tables = markdown_tables(markdown(example()))
    assert [table[0][:3] for table in tables] == [
        ["system", "n", "angle ↓ (rad)"],
        ["system", "n", "FD judge\\_1 ↓"],
        ["metric", "systems", "better"],
    ]
    for table in tables:
        assert {len(row) for row in table} == {len(table[0])}
    spatial = {row[0]: row[1:] for row in tables[0]}
    assert spatial["a\\_b%"][0] == "3"
    assert spatial["mute\\|\\#1"] == ["0", "-", "-", "-"]
    assert spatial["*always front*"][1] == "0.500 [0.250, 0.750]"
    assert spatial["*chance*"] == ["", "1.571", "0.000", "-"]


def test_markdown_marks_the_best_of_given_systems():
    tables = markdown_tables(markdown(example()))
    spatial = {row[0]: row[1:] for row in tables[0]}
    # 1.30001 and 1.3 look alike and are best together, the trivial system with 0.5 is not.
    assert spatial["a\\_b%"][1].startswith("**1.300** [0.700, 1.900]")
    assert spatial["ViSAGe (360)"][1].startswith("**1.300** [")
    # Larger is better; two clips only.
    assert spatial["ViSAGe (360)"][2] == "**0.500** [0.400, 0.600] n=2"
    assert spatial["a\\_b%"][2] == "0.250 [0.100, 0.400]"
    assert {row[0]: row[2] for row in tables[1][2:]} == {
        "a\\_b%": "310.5 [300.0, 320.0]",
        "ViSAGe (360)": "**88.2**",
        "mute\\|\\#1": "400.0 [390.0, 410.0]",
    }  # and no line for always-front, which has no figure here


def test_one_given_system_is_not_called_best():
    evaluation = example()
    alone = replace(evaluation, systems=(evaluation.systems[0], evaluation.systems[3]), comparisons=())
    assert "**" not in markdown(alone).replace("**bold**", "")
    assert "textbf" not in latex(alone)


def test_reader_is_told_that_means_are_of_different_clips():
    assert "different n" in markdown(example())
    evaluation = example()
    even = tuple(
        replace(system, intervals={**system.intervals, "map_cc": Interval(0.5, 0.4, 0.6, 3)})
        for system in evaluation.systems
        if system.name != MUTE
    )
    assert "different n" not in markdown(replace(evaluation, systems=even, comparisons=()))


def test_markdown_says_which_differences_are_real():
    table = markdown_tables(markdown(example()))[2]
    assert table[-1][1] == "a\\_b% - always front"
    rows = {(row[0], row[1]): row for row in table}
    alike = rows["angle (rad)", "a\\_b% - ViSAGe (360)"]
    assert alike[2:] == ["not told apart", "3", "0.000 [-0.500, +0.500]", "0.750", "0.750"]
    assert rows["map CC", "a\\_b% - ViSAGe (360)"][2] == "ViSAGe (360)"
    assert rows["angle (rad)", "a\\_b% - always front"][2:] == [
        "always front",
        "3",
        "+0.800 [+0.400, +1.200]",
        "\\<0.001",
        "0.001",
    ]
    assert rows["angle (rad)", "a\\_b% - mute\\|\\#1"][2:] == ["not told apart", "0", "-", "-", "-"]


def test_markdown_names_every_clip_with_a_finding_and_the_notes():
    text = markdown(example())
    assert "- a\\_b%, rate, counted: has 16000 Hz: all 3 clips\n" in text
    for clip in range(5):
        assert f"clip{clip}: clip{clip}.wav is silent" in text
    assert "- reference, missing, left out: gone: x\\|y\n" in text
    assert "- Trained on \\*no\\* clip here\n" in text


def test_nothing_to_say_has_no_heading():
    text = markdown(replace(example(), findings=(), notes=(), comparisons=()))
    assert not {"Notes", "left out", "Differences"} & set(re.findall("Notes|left out|Differences", text))


def test_two_findings_of_one_clip_are_one_entry():
    findings = (Finding("ours", "a", "length", "too long", True), Finding("ours", "a", "length", "cut", True))
    (group,) = group_findings(replace(example(), findings=findings))
    assert group.line() == "ours, length, counted: too long, cut: a"


def test_latex_rows_have_equal_columns_and_environments_are_closed():
    text = latex(example())
    assert re.findall(r"\\begin\{(\w+)\}", text) == ["table", "tabular"] * 2
    assert re.findall(r"\\end\{(\w+)\}", text) == ["tabular", "table"] * 2
    for body in re.findall(r"\\begin\{tabular\}(.*?)\\end\{tabular\}", text, flags=re.DOTALL):
        columns = re.match(r"\{(l?r*)\}", body)[1]
        rows = [line for line in body.splitlines() if line.endswith(r"\\")]
        assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {len(columns) - 1}
    assert text.count("{") == text.count("}")
    assert all(ord(character) < 128 for character in text)


def test_latex_escapes_names_and_marks_the_best():
    text = latex(example())
    assert r"a\_b\% & 3 & \textbf{1.300} & 0.250 & 1.250 \\" in text
    assert r"ViSAGe (360) & 3 & \textbf{1.300} & \textbf{0.500} {\footnotesize (n=2)} & 1.250 \\" in text
    assert r"mute\textbar{}\#1 & 0 & -- & -- & -- \\" in text
    assert r"\textit{always front} & 3 & 0.500" in text
    assert r"FD judge\_1" in text
    assert latex_escape("[50 %] a&b$ ~^\\{x}") == (
        r"{[}50 \%{]} a\&b\$ \textasciitilde{}\textasciicircum{}\textbackslash{}\{x\}"
    )


@pytest.mark.parametrize("write", [json_text, figures_csv, clips_csv, markdown, latex])
def test_one_clip_of_one_system_and_no_system_at_all(write):
    one = scores("one", *[Interval(0.5, 0.5, 0.5, 1)] * 3, clips=("c",))
    evaluation = replace(example(), systems=(one,), comparisons=(), findings=(), directions={}, strips=())
    assert "one" in write(evaluation)
    assert isinstance(write(replace(evaluation, systems=())), str)


def test_negative_figures_have_no_minus_zero():
    evaluation: Evaluation = example()
    below = replace(
        evaluation.systems[0], intervals={"map_cc": Interval(-0.0001, -0.25, 0.25, 3)}, name="below"
    )
    text = markdown(replace(evaluation, systems=(below,), comparisons=()))
    assert "0.000 [-0.250, 0.250]" in text
    assert "-0.000" not in text


def test_a_finding_is_one_line_whatever_a_clip_is_called():
    evaluation = replace(
        example(), findings=(Finding("a_b%", "two\nlines", "missing", "there is\nno sound", counted=False),)
    )
    (group,) = group_findings(evaluation)
    assert group.line() == "a_b%, missing, left out: there is no sound: two lines"
