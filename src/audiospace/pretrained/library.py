"""The library `transformers`, which is optional and talks a lot."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from audiospace.errors import MissingExtraError


def require_transformers(needed_for: str, extra: str) -> ModuleType:
    """Give the library.

    Args:
        needed_for: What cannot be done without it, for the error.
        extra: Optional packages that it belongs to.

    Returns:
        The module `transformers`.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise MissingExtraError(needed_for, extra) from error
    return transformers


@contextmanager
def quiet(transformers: ModuleType) -> Iterator[None]:
    """Keep the library from printing reports and progress bars for a while.

    Args:
        transformers: The module.

    Yields:
        Nothing; afterwards it talks as much as before.
    """
    logs: Any = transformers.utils.logging
    verbosity, bars = logs.get_verbosity(), logs.is_progress_bar_enabled()
    logs.set_verbosity_error()
    logs.disable_progress_bar()
    try:
        yield
    finally:
        logs.set_verbosity(verbosity)
        if bars:
            logs.enable_progress_bar()
