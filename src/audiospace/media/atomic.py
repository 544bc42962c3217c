"""Write beside the target under a temporary name, then replace: a file is there whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile as sf

from audiospace.errors import UserError

_SOUNDFILE_SYSTEM_ERROR = 2


@contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """Give the name of a temporary file in the folder of a target, removed at the end of the block.

    Args:
        target: The file being worked on.

    Yields:
        The temporary name, with the suffix of the target.

    Raises:
        UserError: The folder is missing or cannot be written to.
    """
    temporary = _reserve(target)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(target: Path) -> None:
    """Check that a file can be written, before the work is done that it is about.

    Args:
        target: The file.

    Raises:
        UserError: Its folder is missing or cannot be written to, or it is a folder itself.
    """
    with scratch(target):
        pass


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name in the folder of ``path``; move it to ``path`` when the block succeeds.

    When the block fails, whatever the reason, the temporary file is removed and a file that was at
    ``path`` before is left as it was.

    Args:
        path: Where the file is to be. Its folder must exist.

    Yields:
        The temporary name, with the same suffix as ``path``, to write to.

    Raises:
        UserError: The folder is missing or cannot be written to, or the disk is full.
    """
    target = Path(path)
    try:
        with scratch(target) as temporary:
            try:
                yield temporary
            except sf.LibsndfileError as error:
                # Asked while the temporary file still takes its room.
                raise _soundfile_error(error, target) from error
            # mkstemp and some writers make files private; give the mode that open() would have given.
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(target)
    except OSError as error:
        reason = writing_error(error, target)
        raise (error if reason is None else reason) from error


def writing_error(error: OSError, target: Path) -> UserError | None:
    """The user's error behind an operating-system error while writing, or None if it is something else.

    Args:
        error: What was raised.
        target: The file that was to be written.

    Returns:
        The error to raise instead, or None.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(target)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError("cannot be written: permission denied", file=target, remedy="Choose another folder")
    if error.errno == errno.EISDIR:
        return UserError("is a folder, not a file to write", file=target)
    if error.errno == errno.EFBIG:
        return UserError("is too large for this file system", file=target)
    return None


def _reserve(target: Path) -> Path:
    """Create an empty temporary file beside the target."""
    if not target.parent.is_dir():
        raise UserError("the folder to write into does not exist", file=target.parent)
    if target.is_dir():
        raise UserError("is a folder, not a file to write", file=target)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    except OSError as error:
        reason = writing_error(error, target)
        raise (error if reason is None else reason) from error
    os.close(handle)
    return Path(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _soundfile_error(error: sf.LibsndfileError, target: Path) -> UserError:
    """The user's error behind one of libsndfile, which does not say why; others are raised again."""
    if error.code != _SOUNDFILE_SYSTEM_ERROR:
        raise error
    status = os.statvfs(target.parent)
    if status.f_bavail * status.f_frsize < 2**20:
        return _full(target)
    return UserError("cannot be written (system error)", file=target)


def _full(target: Path) -> UserError:
    return UserError("the disk is full", file=target, remedy="Free some space or choose another folder")
