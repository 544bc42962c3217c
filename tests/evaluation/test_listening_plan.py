import csv
import hashlib
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.evaluation.listening import (
    Design,
    Screening,
    balance_of,
    make_plan,
    read_plan,
    williams_square,
)

SYSTEMS = ("audiospace", "visage", "mmaudio")


@pytest.fixture
def folders(tmp_path):
    """A reference and three systems with eight clips; what the files hold is not looked at."""
    for name in ("recorded", *SYSTEMS):
        (tmp_path / name).mkdir()
        suffix = ".webm" if name == "recorded" else ".ogg"
        for index in range(8):
            (tmp_path / name / f"street{index}{suffix}").write_bytes(f"{name} {index}".encode())
    return tmp_path


def plan_of(folders, seed=7, out="plan", **wishes):
    systems = {name: folders / name for name in SYSTEMS}
    return make_plan(
        folders / out, folders / "recorded", systems, Design(**{"raters": 6, **wishes}), seed=seed
    )


@pytest.mark.parametrize("n", range(1, 9))
def test_williams_square_is_balanced_for_place_and_predecessor(n):
    rows = williams_square(n)
    assert len(rows) == (2 * n if n % 2 and n > 1 else n)
    assert all(sorted(row) == list(range(n)) for row in rows)
    for start in range(0, len(rows), n):
        for column in zip(*rows[start : start + n], strict=True):
            assert sorted(column) == list(range(n))
    after = Counter(pair for row in rows for pair in pairwise(row))
    assert len(after) == n * (n - 1)
    assert len(set(after.values())) <= 1


def test_williams_square_needs_a_condition():
    with pytest.raises(ValueError, match="at least one"):
        williams_square(0)


@pytest.mark.parametrize(
    ("raters", "each", "anchor"), [(6, 8, False), (5, 3, False), (7, 5, False), (3, 3, False), (16, 1, False)]
)
def test_plan_is_balanced(folders, raters, each, anchor):
    plan = plan_of(folders, raters=raters, clips_per_rater=each, anchor=anchor)
    found = balance_of(plan)
    assert np.ptp(found.raters_per_sound) <= 1
    assert np.ptp(found.times_at_place) <= 1
    assert np.ptp(found.repeats_per_system) <= 1
    times = Counter(
        (plan.key[one.stimulus].clip, plan.key[one.stimulus].system)
        for one in plan.trials
        if not plan.key[one.stimulus].repeat
    )
    assert set(times.values()) <= {raters * each // 8, raters * each // 8 + 1}
    assert sum(times.values()) == raters * each * 4
    assert len(times) == 8 * 4


def test_every_system_follows_every_other_equally_often(folders):
    assert len(set(balance_of(plan_of(folders, raters=6)).times_after)) == 1  # 48 blocks, square of 4 rows


def test_a_rater_hears_a_sound_once_and_repeats_at_the_end(folders):
    plan = plan_of(folders, raters=5, clips_per_rater=6, repeats=4)
    for rater in plan.raters:
        trials = [trial for trial in plan.trials if trial.rater == rater]
        assert [trial.number for trial in trials] == list(range(1, 6 * 4 + 4 + 1))
        sounds = [plan.key[trial.stimulus] for trial in trials]
        first = [(one.clip, one.system) for one in sounds[:24]]
        assert len(set(first)) == 24
        assert not any(one.repeat for one in sounds[:24])
        again = [(one.clip, one.system) for one in sounds[24:]]
        assert all(one.repeat for one in sounds[24:])
        assert set(again) <= set(first[:12])
        assert len(set(again)) == 4
        for block in {trial.block for trial in trials[:24]}:
            here = [plan.key[trial.stimulus] for trial in trials if trial.block == block]
            assert len({one.clip for one in here}) == 1
            assert {one.system for one in here} == set(plan.systems)


def test_raters_hear_clips_in_different_orders(folders):
    plan = plan_of(folders, raters=6)
    orders = {
        tuple(plan.key[trial.stimulus].clip for trial in plan.trials if trial.rater == rater)
        for rater in plan.raters
    }
    assert len(orders) == 6


def test_what_raters_see_names_no_system_clip_or_path(folders):
    plan_of(folders)
    seen = [*(folders / "plan" / "raters").iterdir(), folders / "plan" / "ratings.csv"]
    assert len(seen) == 7
    for path in seen:
        text = (path.name + path.read_text()).lower()
        for word in (
            *SYSTEMS,
            "reference",
            "recorded",
            "street",
            "anchor",
            "repeat",
            str(folders),
            ".ogg",
            ".webm",
        ):
            assert word.lower() not in text.replace("raters", "")


def test_blind_names_say_nothing_and_are_no_words_or_numbers(folders):
    plan = plan_of(folders)
    assert len(set(plan.key)) == len(plan.stimuli)
    assert all(len(name) == 6 and not set(name) & set("aeiou0123456789") for name in plan.key)
    other = plan_of(folders, seed=8, out="other")
    assert not plan.key.keys() & other.key.keys()
    by_name = [plan.systems.index(one.system) for one in plan.stimuli if not one.repeat]
    assert by_name != sorted(by_name)


def test_same_seed_gives_the_same_files(folders):
    plan_of(folders)
    plan_of(folders, out="again")
    first = {
        path.relative_to(folders / "plan"): path.read_bytes() for path in (folders / "plan").rglob("*.*")
    }
    again = {
        path.relative_to(folders / "again"): path.read_bytes() for path in (folders / "again").rglob("*.*")
    }
    assert first == again
    plan_of(folders, seed=8, out="other")
    assert (folders / "other" / "raters" / "r01.csv").read_bytes() != first[
        next(path for path in first if path.name == "r01.csv")
    ]


def test_plan_comes_back_from_its_folder(folders):
    plan = plan_of(folders, clips=5, clips_per_rater=3, scales=("af",), open_reference=True)
    assert read_plan(folders / "plan") == plan
    assert read_plan(folders / "plan" / "plan.json") == plan
    assert plan.screening == Screening(reference_floor=90.0)
    assert plan.design.clips == 5
    assert len(plan.clips) == 5
    with (folders / "plan" / "raters" / "r02.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["stimulus"] for row in rows] == [one.stimulus for one in plan.trials if one.rater == "r02"]
    with (folders / "plan" / "ratings.csv").open() as stream:
        form = list(csv.DictReader(stream))
    assert len(form) == len(plan.trials)
    assert {row["scale"] for row in form} == {"af"}


def test_key_holds_files_and_hashes(folders):
    plan = plan_of(folders)
    for stimulus in plan.stimuli:
        data = Path(stimulus.file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == stimulus.sha256
        name = "recorded" if stimulus.system == "reference" else stimulus.system
        assert data.decode() == f"{name} {stimulus.clip[-1]}"


def test_clips_that_are_left_out_are_named(folders):
    (folders / "visage" / "street3.ogg").unlink()
    (folders / "mmaudio" / "street3.ogg").unlink()
    (folders / "mmaudio" / "extra.ogg").write_bytes(b"x")
    plan = plan_of(folders, clips=5)
    reasons = {one.clip: one.reason for one in plan.left_out}
    assert reasons["street3"] == "missing in visage, mmaudio"
    assert reasons["extra"] == "missing in reference, audiospace, visage"
    assert sorted(reasons.values()).count("not drawn") == 2
    assert not set(reasons) & set(plan.clips)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"clips": 9}, "9 clips are asked for, but only 8"),
        ({"clips_per_rater": 9}, "only 8"),
        ({"raters": 2, "clips_per_rater": 3}, "do not hear all 8 clips"),
        ({"raters": 0}, "at least one rater"),
        ({"clips": 0}, "at least one clip"),
        ({"repeats": 17}, "only 16 sounds can be repeated"),
        ({"repeats": -1}, "negative"),
        ({"scales": ("sq", "loud")}, "no scale 'loud'"),
        ({"scales": ("sq", "sq")}, "each once"),
        ({"scales": ()}, "must be given"),
        ({"loudness": -23.0}, "copies"),
    ],
)
def test_impossible_designs_are_refused_and_leave_nothing(folders, wishes, words):
    with pytest.raises(UserError, match=words):
        plan_of(folders, **wishes)
    assert {path.name for path in folders.iterdir()} == {"recorded", *SYSTEMS}


def test_reserved_names_no_systems_and_no_shared_clips_are_refused(folders):
    design = Design(raters=2)
    for name in ("reference", "anchor"):
        with pytest.raises(UserError, match=name):
            make_plan(folders / "p", folders / "recorded", {name: folders / "visage"}, design, seed=0)
    with pytest.raises(UserError, match="at least one system"):
        make_plan(folders / "p", folders / "recorded", {}, design, seed=0)
    (folders / "empty").mkdir()
    (folders / "empty" / "forest.ogg").write_bytes(b"x")
    with pytest.raises(UserError, match="No clip is in all folders"):
        make_plan(folders / "p", folders / "recorded", {"x": folders / "empty"}, design, seed=0)


def test_a_plan_that_is_there_is_never_replaced(folders):
    plan_of(folders)
    before = (folders / "plan" / "plan.json").read_bytes()
    with pytest.raises(UserError, match="not an empty folder"):
        plan_of(folders, seed=8)
    assert (folders / "plan" / "plan.json").read_bytes() == before
    (folders / "empty").mkdir()
    plan_of(folders, out="empty")


def test_what_is_no_plan_is_refused(folders):
    plan_of(folders)
    file = folders / "plan" / "plan.json"
    tree = json.loads(file.read_text())
    damages = [
        ("words", "not a JSON file"),
        (json.dumps({"format": "other"}), "not a listening plan"),
        (json.dumps({**tree, "trials": 3}), "damaged"),
        (json.dumps({**tree, "seed": "x"}), "damaged"),
        (json.dumps({**tree, "stimuli": tree["stimuli"][1:]}), "damaged"),
        (json.dumps({name: value for name, value in tree.items() if name != "screening"}), "damaged"),
        (json.dumps({**tree, "screening": {"unknown": 1}}), "damaged"),
        (
            json.dumps({**tree, "screening": {**tree["screening"], "spread": "five"}}),
            "spread cannot be 'five'",
        ),
        (json.dumps({**tree, "design": {**tree["design"], "anchor": "no"}}), "anchor cannot be 'no'"),
        (json.dumps({**tree, "systems": tree["systems"][1:], "stimuli": [], "trials": []}), "damaged"),
    ]
    for text, words in damages:
        file.write_text(text)
        with pytest.raises(UserError, match=words):
            read_plan(folders / "plan")
    with pytest.raises(UserError, match="cannot be read"):
        read_plan(folders / "nothing")


def test_limits_without_a_fraction_are_read(folders):
    plan_of(folders)
    file = folders / "plan" / "plan.json"
    tree = json.loads(file.read_text())
    file.write_text(json.dumps({**tree, "screening": {**tree["screening"], "spread": 4, "agreement": None}}))
    rules = read_plan(folders / "plan").screening
    assert (rules.spread, rules.agreement) == (4, None)


def test_a_plan_that_cannot_be_drawn_leaves_no_folders(folders):
    before = sorted(folders.iterdir())
    with pytest.raises(UserError, match="99 clips are asked for"):
        make_plan(
            folders / "new" / "deep" / "plan",
            folders / "recorded",
            {"visage": folders / "visage"},
            Design(raters=2, clips=99),
            seed=0,
        )
    assert sorted(folders.iterdir()) == before


def test_repeats_are_four_or_as_many_as_there_are(folders):
    assert plan_of(folders).design.repeats == 4
    small = make_plan(
        folders / "small",
        folders / "recorded",
        {"visage": folders / "visage"},
        Design(raters=3, clips=2, clips_per_rater=2),
        seed=0,
    )
    assert small.design.repeats == 2
