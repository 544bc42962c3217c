"""Open a media file for reading, and say plainly why one cannot be opened."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer

from audiospace.errors import UserError

# Errors of a file being written while this one is read are not this one's.
FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def open_media(path: str | Path) -> Iterator[InputContainer]:
    """Open a media file; problems met inside the block become one clear error too.

    Args:
        path: A video or sound file.

    Yields:
        The open PyAV container.

    Raises:
        UserError: The file is missing, a folder, empty, unreadable, not media, or damaged.
    """
    file = Path(path)
    check_readable(file)
    try:
        container = av.open(str(file), metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise UserError(
            "is not a video or sound file that can be read, or it is truncated",
            file=file,
            remedy="Check that the file is complete and plays elsewhere",
        ) from error
    with container:
        try:
            yield container
        except av.error.FFmpegError as error:
            if error.errno in FULL_DISK:
                raise
            raise UserError(f"is damaged or truncated ({error.strerror})", file=file) from error


def check_readable(file: Path) -> None:
    """Check that there is a non-empty regular file that may be read.

    Args:
        file: The file.

    Raises:
        UserError: It is missing, a folder, empty or unreadable.
    """
    try:
        if file.is_dir():
            raise UserError("is a folder, not a media file", file=file)
        if not file.exists():
            raise UserError("there is no such file", file=file)
        with file.open("rb") as stream:
            if not stream.read(1):
                raise UserError("the file is empty (zero bytes)", file=file)
    except PermissionError as error:
        raise UserError("cannot be read: permission denied", file=file) from error
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=file) from error
