"""Temporary folders that the next run can tell from those still in use, however their maker ended."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SUFFIX = ".audiospace"


@contextmanager
def temporary_folder(output: Path, name: str) -> Iterator[Path]:
    """Give an empty hidden folder that is removed at the end, and locked until then.

    The system gives the lock back when a process ends, even when it is killed: a folder that can be locked
    has no owner any more.

    Args:
        output: Where it is made.
        name: What its name begins with, after a dot.

    Yields:
        The folder.

    Raises:
        OSError: It cannot be made.
    """
    folder, lock = _make(output, name)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_abandoned(output: Path) -> None:
    """Remove the temporary folders of runs that were killed; those in use are left alone.

    On a file system without locks nothing is removed.

    Args:
        output: Where they were made.
    """
    for folder in output.glob(f".*{_SUFFIX}"):
        with suppress(OSError):
            lock = _lock(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _make(output: Path, name: str) -> tuple[Path, int]:
    """Make and lock a folder; until it is locked another run may take it for an abandoned one."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f".{name[:40]}.", suffix=_SUFFIX, dir=output))
        try:
            lock = _lock(folder)
        except (BlockingIOError, FileNotFoundError):
            continue
        except OSError:
            return folder, os.open(folder, os.O_RDONLY)
        if folder.exists():
            return folder, lock
        os.close(lock)


def _lock(folder: Path) -> int:
    """Lock a folder and give the descriptor that holds the lock."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
