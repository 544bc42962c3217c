import builtins
import json
from pathlib import Path

import pytest
from report_example import example

from audiospace.errors import MissingExtraError, UserError
from audiospace.evaluation.report import folder as report_folder
from audiospace.evaluation.report.folder import FILES, check_report, write_report


@pytest.fixture
def without_matplotlib(monkeypatch):
    original = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_report_folder_has_every_format(tmp_path):
    pytest.importorskip("matplotlib")
    write_report(tmp_path / "new" / "report", example())
    report = tmp_path / "new" / "report"
    assert {path.name for path in report.iterdir()} == {*FILES, "plots"}
    assert len(names(report / "plots")) == 4
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report"]
    assert json.loads((report / "results.json").read_text())["format"] == "audiospace-evaluation"


def test_earlier_report_is_replaced_whole(tmp_path):
    write_report(tmp_path / "report", example(), plots=False)
    (tmp_path / "report" / "plots").mkdir()
    (tmp_path / "report" / "plots" / "old.png").touch()
    (tmp_path / "report" / "table.md").write_text("outdated")
    write_report(tmp_path / "report", example(), plots=False)
    assert names(tmp_path) == sorted(f"report/{name}" for name in FILES)
    assert "outdated" not in (tmp_path / "report" / "table.md").read_text()


@pytest.mark.parametrize("foreign", ["notes.txt", "plots/mine.svg", "results.json"])
def test_folder_with_files_of_others_is_refused_and_left_alone(tmp_path, foreign):
    report = tmp_path / "report"
    write_report(report, example(), plots=False)
    (report / foreign).parent.mkdir(exist_ok=True)
    (report / foreign).write_text("{}")
    before = names(tmp_path)
    with pytest.raises(UserError, match="not part of an earlier report"):
        write_report(report, example(), plots=False)
    assert names(tmp_path) == before
    assert (report / foreign).read_text() == "{}"


@pytest.mark.parametrize("own", ["table.csv", "plots/mine.png"])
def test_files_that_only_have_the_names_of_a_report_are_left_alone(tmp_path, own):
    (tmp_path / own).parent.mkdir(exist_ok=True)
    (tmp_path / own).write_text("mine")
    with pytest.raises(UserError, match="not part of an earlier report"):
        write_report(tmp_path, example(), plots=False)
    assert names(tmp_path) == [own]


def test_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "report").touch()
    with pytest.raises(UserError, match="not a folder"):
        check_report(tmp_path / "report", plots=False)


def test_empty_folder_is_taken(tmp_path):
    (tmp_path / "report").mkdir()
    write_report(tmp_path / "report", example(), plots=False)
    assert set(names(tmp_path / "report")) == set(FILES)


@pytest.mark.parametrize("error", [OSError(5, "input/output error"), KeyboardInterrupt()])
def test_failure_leaves_the_earlier_report_and_nothing_else(tmp_path, monkeypatch, error):
    def fail(_evaluation):
        raise error

    write_report(tmp_path / "report", example(), plots=False)
    before = {name: (tmp_path / name).read_text() for name in names(tmp_path)}
    monkeypatch.setattr(report_folder, "latex", fail)
    expected = UserError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_report(tmp_path / "report", example(), plots=False)
    with pytest.raises(expected):
        write_report(tmp_path / "deep" / "er" / "report", example(), plots=False)
    assert {name: (tmp_path / name).read_text() for name in names(tmp_path)} == before
    assert not (tmp_path / "deep").exists()


@pytest.mark.usefixtures("without_matplotlib")
def test_missing_matplotlib_is_said_before_anything_is_made(tmp_path):
    with pytest.raises(MissingExtraError, match=r"audiospace\[plots\]"):
        check_report(tmp_path / "report")
    with pytest.raises(MissingExtraError):
        write_report(tmp_path / "report", example())
    assert list(tmp_path.iterdir()) == []
    write_report(tmp_path / "report", example(), plots=False)
    assert set(names(tmp_path / "report")) == set(FILES)


def test_earlier_report_comes_back_if_the_new_one_cannot_be_put_in_place(tmp_path, monkeypatch):
    rename = Path.rename

    def fail(self, target):
        if self.name == "new":
            raise OSError(18, "cross-device link")
        return rename(self, target)

    write_report(tmp_path / "report", example(), plots=False)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(UserError, match="cross-device"):
        write_report(tmp_path / "report", example(), plots=False)
    assert names(tmp_path) == sorted(f"report/{name}" for name in FILES)
