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
