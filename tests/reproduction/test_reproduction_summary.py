import csv

import numpy as np
import pytest

from audiospace.metrics import Replicates
from audiospace.reproduction.config import read_table
from audiospace.reproduction.judging import Figures
from audiospace.reproduction.report import Report, markdown, write_csv
from audiospace.reproduction.summary import reference, summarise

SIZES = np.array([2, 2])


def figures(angles: list[float], distance: float = 4.0) -> Figures:
    values = np.array(angles)
    clips = {name: values for name in ("kl", "azimuth", "elevation", "angle")}
    return Figures(clips, Replicates(distance, np.array([distance - 1, distance + 1]), SIZES))


@pytest.fixture
def report() -> Report:
    table = read_table("pretraining")
    first = [figures([1.0, 1.0, 1.2, 0.8]), figures([1.2, 1.2, 1.4, 1.0], 6.0)]
    second = [figures([0.6, 0.6, 0.8, 0.4])]
    lines = summarise([(table.rows[0], first), (table.rows[1], second)])
    front = reference("always front", Figures({"angle": np.array([1.5, np.nan, 1.5, 1.5])}, None))
    return Report(table, [*lines, front], ["Four scenes."])


def test_means_are_over_scenes_and_seeds(report):
    cell = report.lines[0].cells["angle"]
    assert cell.interval.mean == pytest.approx(1.1)
    assert cell.interval.low < 1.1 < cell.interval.high
    assert cell.seeds == pytest.approx((1.0, 1.2))
    assert cell.spread == pytest.approx(0.2 / np.sqrt(2))
    assert report.lines[0].cells["fd"].interval.mean == pytest.approx(5.0)


def test_differences_are_paired_by_scene_and_by_seed(report):
    assert report.lines[0].cells["angle"].difference is None
    difference = report.lines[1].cells["angle"].difference
    assert (difference.mean, difference.low, difference.high) == pytest.approx((-0.4, -0.4, -0.4))
    assert report.lines[1].cells["fd"].difference.mean == pytest.approx(0.0)


def test_scenes_without_a_figure_do_not_count(report):
    cell = report.lines[2].cells["angle"]
    assert (cell.interval.n, cell.interval.mean) == (3, pytest.approx(1.5))
    assert "kl" not in report.lines[2].cells


def test_the_table_has_the_published_figures_beside_ours(report):
    text = markdown(report)
    row = next(line for line in text.splitlines() if line.startswith("| fine only"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[5].startswith("0.60 [")
    assert cells[6:] == ["97.57", "1.82", "1.36", "0.57", "1.28"]
    assert "Four scenes." in text
    assert "-0.40 [-0.40, -0.40]" in text


def test_the_csv_file_has_a_line_for_each_figure(report, tmp_path):
    write_csv(tmp_path / "table.csv", report)
    rows = list(csv.DictReader((tmp_path / "table.csv").open()))
    found = {(row["row"], row["metric"]): row for row in rows}
    assert float(found["fine only", "angle"]["difference"]) == pytest.approx(-0.4)
    assert float(found["coarse-to-fine", "fd"]["paper"]) == 88.3
    assert found["always front", "angle"]["scenes"] == "3"


def test_the_table_is_drawn(report, tmp_path):
    pytest.importorskip("matplotlib")
    from audiospace.reproduction.plot import draw_table

    draw_table(tmp_path / "table.png", report)
    assert (tmp_path / "table.png").read_bytes().startswith(b"\x89PNG")
