"""How slow work with files tells how far it is."""

from collections.abc import Callable

OnProgress = Callable[[str, int, int], None]
"""Called with the name of a stage, the steps done and their number."""


def unreported(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""
