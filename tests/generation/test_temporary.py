import subprocess
import sys

import pytest

from audiospace.generation.temporary import remove_abandoned, temporary_folder

HOLD = """
import sys, time
from pathlib import Path
from audiospace.generation.temporary import temporary_folder
with temporary_folder(Path(sys.argv[1]), "clip") as folder:
    (folder / "half").write_text("written")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that works in a temporary folder."""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_it_is_hidden_and_gone_at_the_end(tmp_path):
    with temporary_folder(tmp_path, "clip" * 50) as folder:
        (folder / "file").touch()
        assert folder.parent == tmp_path
        assert folder.name.startswith(".clip")
    assert list(tmp_path.iterdir()) == []


def test_one_in_use_is_left_alone_here_and_elsewhere(holder, tmp_path):
    with temporary_folder(tmp_path, "clip") as folder:
        remove_abandoned(tmp_path)
        assert folder.is_dir()
        assert len(list(tmp_path.iterdir())) == 2
        assert holder.poll() is None


def test_that_of_a_killed_process_is_removed_and_nothing_else(holder, tmp_path):
    (tmp_path / ".clip.mine").mkdir()
    (tmp_path / "clip").mkdir()
    holder.kill()
    holder.wait()
    assert len(list(tmp_path.iterdir())) == 3
    remove_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".clip.mine", "clip"]
