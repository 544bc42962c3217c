"""What a file is, whatever it is called."""

import hashlib
from pathlib import Path

from audiospace.errors import UserError


def file_sha256(path: Path) -> str:
    """Hash a file.

    Args:
        path: The file.

    Returns:
        SHA-256 of its bytes, in hexadecimal.

    Raises:
        UserError: It cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=path) from error
