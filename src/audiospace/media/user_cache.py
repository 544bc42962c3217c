"""Where files are kept that can be had again."""

import os
from pathlib import Path


def user_cache(name: str) -> Path:
    """Give one of this project's folders in the user's cache: below $XDG_CACHE_HOME, or below ~/.cache.

    Args:
        name: Of the folder.

    Returns:
        Its path; it may not be there yet.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "audiospace" / name


def prune(folder: Path, limit: int, pattern: str = "*.npz") -> None:
    """Remove the files of a cache that were not touched for the longest, until the rest is small enough.

    Args:
        folder: The cache's folder.
        limit: Bytes to keep at most.
        pattern: Names of its files.

    Raises:
        OSError: The folder cannot be read or changed.
    """
    found = [(path.stat(), path) for path in folder.glob(pattern)]
    total = sum(status.st_size for status, _ in found)
    for status, path in sorted(found, key=lambda entry: entry[0].st_mtime):
        if total <= limit:
            return
        path.unlink(missing_ok=True)
        total -= status.st_size
