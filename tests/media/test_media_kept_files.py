import os

import pytest

from audiospace.errors import UserError
from audiospace.media import KeptFiles, user_cache


def load(path):
    if not path.exists():
        raise UserError("no such file", file=path)
    return path.read_text()


def test_what_was_kept_is_found(tmp_path):
    files = KeptFiles(tmp_path / "new" / "folder", limit=100)
    assert files.find("key", load) is None
    assert files.keep("key", lambda path: path.write_text("result"))
    assert files.find("key", load) == "result"
    assert files.find("another", load) is None


def test_a_named_folder_is_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    KeptFiles.named("things", 100).keep("key", lambda path: path.write_text("result"))
    assert (user_cache("things") / "key.npz").read_text() == "result"


def test_what_was_not_asked_for_the_longest_goes_first(tmp_path):
    files = KeptFiles(tmp_path, limit=20)
    for age, key in enumerate("abc"):
        files.keep(key, lambda path: path.write_text("0123456789"))
        os.utime(tmp_path / f"{key}.npz", (1000 + age, 1000 + age))
    files.find("a", load)
    files.tidy()
    assert [key for key in "abc" if files.find(key, load)] == ["a", "c"]


def unwritable(path):
    raise UserError("cannot be written", file=path)


@pytest.mark.parametrize("save", [unwritable, lambda path: (path / "below").write_text("")])
def test_what_cannot_be_kept_does_no_harm(tmp_path, save):
    files = KeptFiles(tmp_path, limit=100)
    assert not files.keep("key", save)
    assert files.find("key", load) is None


def test_a_file_in_the_folders_place_does_no_harm(tmp_path):
    (tmp_path / "file").write_text("")
    files = KeptFiles(tmp_path / "file", limit=100)
    assert not files.keep("key", lambda path: path.write_text("result"))
    files.tidy()
    assert files.find("key", load) is None
