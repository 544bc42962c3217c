import os
from pathlib import Path

import pytest

from audiospace.errors import UserError
from audiospace.evaluation import evaluate, load_split
from audiospace.evaluation.matching import match_clips


def fill(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def kinds(matched):
    return {(finding.system, finding.clip): finding.kind for finding in matched.findings}


@pytest.fixture
def reference(tmp_path):
    return fill(tmp_path / "reference", "a.wav", "b.wav", "c.wav")


@pytest.mark.parametrize(
    "name", ["reference", "mono", "random", "always front", "noise", "another clip", " "]
)
def test_a_system_cannot_have_the_name_of_a_row_of_every_table(reference, name):
    with pytest.raises(UserError, match="another meaning"):
        evaluate(reference, {name: reference})


def test_paths_may_be_text(reference):
    with pytest.raises(UserError, match="name of a clip"):
        evaluate(str(reference), {"ours": str(fill(reference.parent / "other", "x.wav"))})


def test_of_a_split_only_its_own_clips_are_named(reference, tmp_path):
    ours = fill(tmp_path / "ours", "a.wav", "d.wav", "stranger.wav")
    (tmp_path / "list.txt").write_text("a\nb\nd\n")
    split = load_split(tmp_path / "list.txt")
    matched = match_clips(reference, {"ours": ours}, split)
    assert list(matched.recorded) == ["a", "b"]
    assert kinds(matched) == {
        ("reference", "d"): "missing",
        ("ours", "b"): "missing",
        ("ours", "d"): "no reference",
    }
    assert matched.notes[0].startswith("2 of the 3 clips of list.txt")
    assert matched.notes[0].endswith("other clips here, left out: 1")
    assert kinds(match_clips(reference, {"ours": ours}, None)) == {
        ("ours", "b"): "missing",
        ("ours", "c"): "missing",
        ("ours", "d"): "no reference",
        ("ours", "stranger"): "no reference",
    }


def test_several_sounds_of_a_clip_are_named_with_those_that_were_not_taken(reference, tmp_path):
    files = ("a.wav", "a.flac", "old/a.wav", "b.mp4", "b.wav", "c/c.foa.wav", "c.wav")
    matched = match_clips(reference, {"ours": fill(tmp_path / "ours", *files)}, None)
    taken = {clip: path.name for clip, path in matched.generated["ours"].items()}
    assert taken == {"a": "a.flac", "b": "b.wav", "c": "c.foa.wav"}
    assert [(one.clip, one.kind, one.detail, one.counted) for one in matched.findings] == [
        ("a", "several files", "not taken: a.wav, old/a.wav", True)
    ]


def test_systems_may_be_laid_out_as_benchmarks_are(tmp_path):
    yt360 = fill(tmp_path / "yt360", "audio/abcdefghijk-10.m4a", "video/abcdefghijk-10.mp4")
    matched = match_clips(yt360, {"same": yt360}, None)
    assert matched.generated["same"] == matched.recorded
    assert matched.recorded["abcdefghijk-10"].suffix == ".m4a"


def test_a_name_that_is_no_text_is_refused(reference):
    (reference / Path(os.fsdecode(b"\xff.wav"))).touch()
    with pytest.raises(UserError, match="no valid text") as refusal:
        evaluate(reference, {})
    str(refusal.value).encode("utf-8")
