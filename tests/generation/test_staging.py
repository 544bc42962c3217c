import pytest

from audiospace.errors import UserError
from audiospace.generation.staging import staged_folder, work_folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write_result(output, name="clip", container="mp4", text="1"):
    with staged_folder(output, name) as folder:
        (folder / f"{name}.json").write_text('{"convention": "AmbiX"}')
        (folder / f"{name}.spatial.{container}").write_text(text)


def test_files_appear_at_the_end_and_only_there(tmp_path):
    with staged_folder(tmp_path / "a" / "b", "clip") as folder:
        (folder / "clip.foa.wav").write_text("sound")
        assert not (tmp_path / "a" / "b" / "clip").exists()
    assert names(tmp_path / "a" / "b") == ["clip"]
    assert names(tmp_path / "a" / "b" / "clip") == ["clip.foa.wav"]


def write_and_fail(output):
    with staged_folder(output, "clip") as folder:
        (folder / "clip.spatial.mp4").write_text("2")
        raise RuntimeError


def test_failure_leaves_nothing_not_even_folders(tmp_path):
    with pytest.raises(RuntimeError):
        write_and_fail(tmp_path / "a" / "b")
    assert names(tmp_path) == []


def test_work_files_are_no_part_of_the_result(tmp_path):
    with staged_folder(tmp_path, "clip") as folder, work_folder(folder) as work:
        (work / "sound.f32").write_text("sound")
        (folder / "clip.foa.wav").write_text("sound")
    assert names(tmp_path) == ["clip"]
    assert names(tmp_path / "clip") == ["clip.foa.wav"]


def test_interruption_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), staged_folder(tmp_path, "clip"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_failure_leaves_an_earlier_result_as_it_was(tmp_path):
    write_result(tmp_path)
    with pytest.raises(RuntimeError):
        write_and_fail(tmp_path)
    assert names(tmp_path) == ["clip"]
    assert (tmp_path / "clip" / "clip.spatial.mp4").read_text() == "1"


def test_an_earlier_result_is_replaced_and_other_files_stay(tmp_path):
    write_result(tmp_path)
    (tmp_path / "clip" / "notes.txt").write_text("mine")
    write_result(tmp_path, container="webm", text="2")
    assert names(tmp_path / "clip") == ["clip.json", "clip.spatial.webm", "notes.txt"]
    assert (tmp_path / "clip" / "clip.spatial.webm").read_text() == "2"


def test_a_report_never_lies_beside_files_of_another_result(tmp_path):
    write_result(tmp_path)
    (tmp_path / "clip" / "clip.spatial.mp4").unlink()
    (tmp_path / "clip" / "clip.spatial.mp4" / "below").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_result(tmp_path)
    assert names(tmp_path / "clip") == ["clip.spatial.mp4"]


def test_a_report_of_somebody_else_is_not_replaced(tmp_path):
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "clip.json").write_text('{"projection": "erp"}')
    with pytest.raises(UserError, match="not the report"), staged_folder(tmp_path, "clip"):
        pass
    assert names(tmp_path / "clip") == ["clip.json"]


def test_places_that_cannot_be_written_are_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "clip").write_text("x")
    for output in (tmp_path / "file", tmp_path / "file" / "below", tmp_path):
        with pytest.raises(UserError), staged_folder(output, "clip"):
            pass
    assert names(tmp_path) == ["clip", "file"]
