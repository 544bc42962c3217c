import csv
import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from audiospace.cli.listening import listening_app
from audiospace.errors import UserError

TRUTH = {"recorded": 85, "ours": 65, "theirs": 45}


def run(*words):
    result = CliRunner().invoke(listening_app, [str(word) for word in words])
    if isinstance(result.exception, UserError):
        raise result.exception
    return result


@pytest.fixture
def folders(tmp_path):
    for name in TRUTH:
        (tmp_path / name).mkdir()
        for index in range(7):
            (tmp_path / name / f"clip{index}.ogg").write_bytes(name.encode())
    return tmp_path


def plan(folders, *more):
    systems = ["--system", f"ours={folders / 'ours'}", "--system", f"theirs={folders / 'theirs'}"]
    words = ["plan", "--reference", folders / "recorded", *systems, "--raters", 8, "-o", folders / "plan"]
    return run(*words, *more)


def fill_in(folders):
    """Answer as raters who listen would."""
    tree = json.loads((folders / "plan" / "plan.json").read_text())
    truth = {
        one["id"]: TRUTH["recorded" if one["system"] == "reference" else one["system"]]
        for one in tree["stimuli"]
    }
    generator = np.random.default_rng(0)
    with (folders / "plan" / "ratings.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["value"] = f"{np.clip(truth[row['stimulus']] + 8 * generator.standard_normal(), 0, 100):.0f}"
    path = folders / "filled.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_plan_says_what_it_made(folders):
    result = plan(folders, "--seed", 4, "--per-rater", 5, "--clips", 6, "--repeats", 2)
    assert result.exit_code == 0
    assert "8 raters, 6 clips, seed 4" in result.output
    assert "systems: reference, ours, theirs" in result.output
    assert "each rater: 5 clips, 17 sounds, 2 of them heard before" in result.output
    assert "each sound: 6 to 7 raters" in result.output
    assert "not drawn" in result.output
    tree = json.loads((folders / "plan" / "plan.json").read_text())
    assert tree["design"]["clips_per_rater"] == 5
    assert len(list((folders / "plan" / "raters").iterdir())) == 8


def test_seed_is_drawn_and_kept(folders):
    plan(folders)
    seed = json.loads((folders / "plan" / "plan.json").read_text())["seed"]
    assert isinstance(seed, int)
    assert seed > 0


def test_score_prints_and_writes_the_outcome(folders):
    plan(folders, "--seed", 4)
    filled = fill_in(folders)
    out = {name: folders / f"out.{name}" for name in ("json", "csv", "markdown")}
    options = [word for name, path in out.items() for word in (f"--{name}", path)]
    result = run("score", folders / "plan", filled, *options, "--report", folders / "report")
    assert result.exit_code == 0
    assert "MOS-SQ, raters who are kept" in result.output
    rows = [line.split() for line in result.output.splitlines() if line.strip().startswith("theirs ")]
    assert [row[-3:] for row in rows] == [["56", "8", "7"]] * 2
    assert "8 of 8 raters kept" in result.output
    assert "ours - theirs" in result.output
    tree = json.loads(out["json"].read_text())
    means = {
        name: tree["screened"]["systems"][name]["sq"]["mean"] for name in ("reference", "ours", "theirs")
    }
    assert means["reference"] > means["ours"] > means["theirs"]
    assert (folders / "report" / "results.json").read_text() == out["json"].read_text()
    assert (folders / "report" / "scores.csv").read_text() == out["csv"].read_text()
    assert (folders / "report" / "table.md").read_text() == out["markdown"].read_text()


def test_limits_can_be_changed_or_switched_off_and_it_is_said(folders):
    plan(folders, "--seed", 4)
    filled = fill_in(folders)
    strict = run("score", folders / "plan", filled, "--agreement", 0.999)
    assert "0 of 8 raters kept; rules (changed after planning)" in strict.output
    assert "MOS-AF, all raters" in strict.output
    off = run("score", folders / "plan", filled, "--no-screening")
    assert "8 of 8 raters kept; rules (changed after planning): none" in off.output
    with pytest.raises(UserError, match="no sense"):
        run("score", folders / "plan", filled, "--no-screening", "--spread", 3)


def test_of_many_clips_that_are_left_out_some_are_named(folders):
    for index in range(40):
        (folders / "recorded" / f"more{index:02d}.ogg").write_bytes(b"x")
    result = plan(folders, "--seed", 4)
    (line,) = [line for line in result.output.splitlines() if "more00" in line]
    assert line.startswith("Clips not in the test (missing in ours, theirs): more00, more01")
    assert line.endswith("more11 and 28 more, see plan.json.")
    assert "more12" not in result.output
    assert len(json.loads((folders / "plan" / "plan.json").read_text())["left_out"]) == 40


def test_nothing_is_written_where_one_file_cannot_be(folders):
    plan(folders, "--seed", 4)
    filled = fill_in(folders)
    with pytest.raises(UserError, match="does not exist"):
        run(
            "score", folders / "plan", filled, "--json", folders / "a.json", "--csv", folders / "no" / "a.csv"
        )
    assert not (folders / "a.json").exists()


@pytest.mark.parametrize("text", ["=folder", "name=", "ours=elsewhere", "/"])
def test_systems_need_names_of_their_own(folders, text):
    with pytest.raises(UserError, match=r"does not name a system|called 'ours'|has no name"):
        plan(folders, "--system", text)
    assert not (folders / "plan").exists()


def test_an_unfilled_form_is_no_ratings(folders):
    plan(folders)
    with pytest.raises(UserError, match="holds no rating"):
        run("score", folders / "plan", folders / "plan" / "ratings.csv")


def test_help_is_shown_without_a_command():
    assert isinstance(listening_app, typer.Typer)
    assert "score" in run().output
