import errno
import subprocess

import numpy as np
import pytest

from audiospace.errors import UserError
from audiospace.media import write_audio, write_video, writing
from audiospace.media.atomic import check_writable


def test_success_replaces_and_leaves_one_file(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with writing(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
        assert temporary.suffix == ".txt"
        assert (tmp_path / "a.txt").read_text() == "old"
    assert (tmp_path / "a.txt").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1


def write_and_fail(path, error):
    with writing(path) as temporary:
        temporary.write_text("half")
        raise error


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_failure_leaves_the_old_file(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(type(error)):
        write_and_fail(tmp_path / "a.txt", error)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "permission denied"), (errno.EROFS, "permission denied")],
)
def test_system_errors_become_user_errors(tmp_path, number, message):
    with pytest.raises(UserError, match=message):
        write_and_fail(tmp_path / "a.txt", OSError(number, "x"))
    assert list(tmp_path.iterdir()) == []


def test_other_system_errors_pass(tmp_path):
    with pytest.raises(OSError, match="strange"):
        write_and_fail(tmp_path / "a.txt", OSError(errno.EIO, "strange"))


def test_missing_folder_and_folder_as_target(tmp_path):
    with pytest.raises(UserError, match="does not exist"), writing(tmp_path / "no" / "a.txt"):
        pass
    with pytest.raises(UserError, match="is a folder"), writing(tmp_path):
        pass


@pytest.fixture
def small(tmp_path, request):
    size = getattr(request, "param", "100k")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_disk_that_fills_up_while_sound_is_written(small, name):
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (4, 48_000))
    with pytest.raises(UserError, match="disk is full"):
        write_audio(small / name, sound, 48_000)
    assert list(small.iterdir()) == []


@pytest.mark.parametrize("small", ["3m"], indirect=True)
def test_a_disk_is_full_even_if_what_was_written_made_room_again(small):
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (4, 480_000))
    with pytest.raises(UserError, match="disk is full"):
        write_audio(small / "a.wav", sound, 48_000)
    assert list(small.iterdir()) == []


def test_what_can_be_written_is_known_beforehand(tmp_path):
    (tmp_path / "there.json").write_text("old")
    check_writable(tmp_path / "there.json")
    check_writable(tmp_path / "new.json")
    assert [path.name for path in tmp_path.iterdir()] == ["there.json"]
    assert (tmp_path / "there.json").read_text() == "old"
    for path in (tmp_path, tmp_path / "no" / "a.json"):
        with pytest.raises(UserError):
            check_writable(path)


def test_a_disk_that_fills_up_while_video_is_written(small):
    rng = np.random.default_rng(0)
    frames = (rng.integers(0, 255, (128, 256, 3), np.uint8) for _ in range(40))
    with pytest.raises(UserError, match="disk is full"):
        write_video(small / "a.mp4", frames, frames_per_second=10, height=128, width=256, quality=5)
    assert list(small.iterdir()) == []
