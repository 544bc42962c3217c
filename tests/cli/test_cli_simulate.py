import json

import pytest

from audiospace.cli.main import run
from audiospace.media import read_clip_folder
from audiospace.simulate import dataset

SHORT = ["--clips", 2, "--seconds", 1, "--height", 64, "--workers", 1]


def simulate(*words):
    return run(["simulate", *map(str, words)])


def test_clips_an_index_and_a_card_are_written(tmp_path, capsys):
    folder = tmp_path / "sim"
    assert simulate("-o", folder, *SHORT, "--split", "test", "--seed", 5, "--sources", 1, "--rooms", 0) == 0
    assert "2 clips in" in capsys.readouterr().out
    assert [clip.id for clip in read_clip_folder(folder)] == ["sim-test-5-000000_0", "sim-test-5-000001_0"]
    index = json.loads((folder / "simsphere.json").read_text())
    assert (index["split"], index["seed"]) == ("test", 5)
    assert not any(clip["room"] for clip in index["clips"])
    assert "# SimSphere" in (folder / "README.md").read_text()


def test_a_folder_without_sounds_is_refused_before_anything_is_made(tmp_path, capsys):
    assert simulate("-o", tmp_path / "sim", *SHORT, "--sounds", tmp_path / "nowhere") == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "nowhere" in captured.err
    assert not (tmp_path / "sim").exists()


def test_other_options_are_refused_for_the_same_folder(tmp_path, capsys):
    assert simulate("-o", tmp_path / "sim", *SHORT, "--split", "validation") == 0
    assert simulate("-o", tmp_path / "sim", *SHORT, "--split", "test") == 2
    assert "another split" in capsys.readouterr().err


@pytest.mark.parametrize("made", [0, 1])
def test_an_interruption_says_how_to_go_on(tmp_path, capsys, monkeypatch, made):
    whole, calls = dataset.write_clip, []

    def interrupted(*words):
        calls.append(words)
        if len(calls) > made:
            raise KeyboardInterrupt
        return whole(*words)

    monkeypatch.setattr(dataset, "write_clip", interrupted)
    assert simulate("-o", tmp_path / "sim", *SHORT) == 130
    assert f"{made} of 2 clips done; run the same command again" in capsys.readouterr().err
    monkeypatch.setattr(dataset, "write_clip", whole)
    assert simulate("-o", tmp_path / "sim", *SHORT) == 0
    assert len(read_clip_folder(tmp_path / "sim")) == 2
