import csv

import pytest

from audiospace.errors import UserError
from audiospace.evaluation.listening import Design, Rating, make_plan, read_ratings, unblind, write_ratings


@pytest.fixture
def plan(tmp_path):
    for name in ("recorded", "ours"):
        (tmp_path / name).mkdir()
        for clip in "abcd":
            (tmp_path / name / f"{clip}.ogg").write_bytes(b"x")
    folders = {"ours": tmp_path / "ours"}
    return make_plan(tmp_path / "plan", tmp_path / "recorded", folders, Design(raters=3, repeats=2), seed=3)


def every_rating(plan, value=50.0):
    return [
        Rating(trial.rater, trial.stimulus, scale, value, "2026-01-31T12:00:00")
        for trial in plan.trials
        for scale in plan.design.scales
    ]


def write(tmp_path, lines, header="rater,stimulus,scale,value"):
    path = tmp_path / "filled.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_ratings_come_back_as_they_were(plan, tmp_path):
    ratings = [
        Rating(one.rater, one.stimulus, one.scale, 100 / (index + 1), one.time)
        for index, one in enumerate(every_rating(plan))
    ]
    write_ratings(tmp_path / "filled.csv", ratings)
    assert read_ratings(tmp_path / "filled.csv", plan) == tuple(ratings)


def test_the_form_can_be_filled_in_by_a_spreadsheet(plan, tmp_path):
    with (tmp_path / "plan" / "ratings.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    for row in rows[:5]:
        row["value"] = " 72.5 "
    path = tmp_path / "filled.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, ["comment", *rows[0]], restval="fine", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        stream.write(",,,,,,\r\n")
    found = read_ratings(path, plan)
    assert len(found) == 5
    assert {one.value for one in found} == {72.5}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("r01,zzzzzz,sq,50", "line 3: the plan has no sound 'zzzzzz'"),
        ("r01,{id},loud,50", "line 3: the plan has no scale 'loud'"),
        ("r01,{id},sq,fine", "line 3: 'fine' is not a number"),
        ("r01,{id},sq,100.5", "line 3: 100.5 is not between 0 and 100"),
        ("r01,{id},sq,-1", "line 3: -1 is not between"),
        ("r01,{id},sq,nan", "line 3: nan is not between"),
        (",{id},sq,50", "line 3: names no rater"),
        ("r01,{first},sq,60", "line 3: r01 has rated {first} on sq before, in line 2"),
        ("r01,{id}", "line 3: the plan has no scale ''"),
    ],
)
def test_a_wrong_line_is_named(plan, tmp_path, line, words):
    first, other = plan.stimuli[0].id, plan.stimuli[1].id
    path = write(tmp_path, [f"r01,{first},sq,50", line.format(id=other, first=first)])
    with pytest.raises(UserError, match=words.format(first=first)) as caught:
        read_ratings(path, plan)
    assert caught.value.file == str(path)


def test_wrong_files_are_refused(plan, tmp_path):
    name = plan.stimuli[0].id
    with pytest.raises(UserError, match="lacks the columns stimulus, value"):
        read_ratings(write(tmp_path, [], "rater;scale,scale,rater"), plan)
    with pytest.raises(UserError, match="lacks the columns rater, stimulus, scale, value"):
        read_ratings(write(tmp_path, [], "rater;stimulus;scale;value"), plan)
    with pytest.raises(UserError, match="two columns named value"):
        read_ratings(write(tmp_path, [], "rater,stimulus,scale,value,value"), plan)
    with pytest.raises(UserError, match="holds no rating"):
        read_ratings(write(tmp_path, [f"r01,{name},sq,"]), plan)
    with pytest.raises(UserError, match="is not a time"):
        read_ratings(write(tmp_path, [f"r01,{name},sq,5,noon"], "rater,stimulus,scale,value,time"), plan)
    with pytest.raises(UserError, match="cannot be read"):
        read_ratings(tmp_path / "nothing.csv", plan)
    (tmp_path / "latin.csv").write_bytes("rater,stimulus,scale,value\nZoë,".encode("latin-1"))
    with pytest.raises(UserError, match="not a CSV file in UTF-8"):
        read_ratings(tmp_path / "latin.csv", plan)


def test_answers_stand_under_their_true_names(plan):
    ratings = [
        Rating(one.rater, one.stimulus, one.scale, float(index))
        for index, one in enumerate(every_rating(plan))
    ]
    answers, remarks = unblind(plan, ratings)
    assert remarks == ()
    assert answers.values.shape == (2, 2, 3, 4)
    for one in ratings:
        sound = plan.key[one.stimulus]
        place = (
            answers.scales.index(one.scale),
            answers.systems.index(sound.system),
            answers.raters.index(one.rater),
            answers.clips.index(sound.clip),
        )
        assert (answers.repeats if sound.repeat else answers.values)[place] == one.value


def test_what_is_missing_or_more_is_remarked_on_and_counted(plan):
    ratings = [one for one in every_rating(plan) if one.rater != "r03"]
    wanted = len(plan.trials) // 3 * 2
    gone = [one for one in ratings if one.rater == "r01" and not plan.key[one.stimulus].repeat][:3]
    ratings = [one for one in ratings if one not in gone]
    ratings.append(Rating("guest", plan.stimuli[0].id, "sq", 80.0))
    unplanned = next(
        one
        for one in plan.stimuli
        if one.repeat and ("r02", one.id) not in {(t.rater, t.stimulus) for t in plan.trials}
    )
    ratings.append(Rating("r02", unplanned.id, "af", 10.0))
    answers, remarks = unblind(plan, ratings)
    found = {(one.rater, one.kind): one.count for one in remarks}
    assert found[("r03", "no ratings")] == wanted
    assert found[("r01", "missing")] == 3
    assert found[("guest", "not in the plan")] == 1
    assert found[("r02", "not planned for")] == 1
    assert answers.raters == ("guest", "r01", "r02")
    sound = plan.stimuli[0]
    place = (0, answers.systems.index(sound.system), 0, answers.clips.index(sound.clip))
    assert answers.values[place] == 80.0


def test_a_sound_rated_only_the_second_time_counts_once(plan):
    again = next(trial for trial in plan.trials if plan.key[trial.stimulus].repeat)
    sound = plan.key[again.stimulus]
    answers, remarks = unblind(plan, [Rating(again.rater, again.stimulus, "sq", 33.0)])
    assert answers.values[0, answers.systems.index(sound.system), 0, answers.clips.index(sound.clip)] == 33.0
    assert (answers.repeats == answers.repeats).sum() == 0
    assert {remark.kind for remark in remarks if remark.rater == again.rater} == {"missing", "only repeated"}
