"""AudioSpace: 360-degree video in, spatial sound out."""

from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audiospace.generation import BatchResult, GenerateOptions, Result, generate, generate_batch

__version__ = version("audiospace")

_LAZY = ("BatchResult", "GenerateOptions", "Result", "generate", "generate_batch")

__all__ = ["BatchResult", "GenerateOptions", "Result", "__version__", "generate", "generate_batch"]


def __getattr__(name: str) -> object:
    """Import what is heavy only when it is asked for (PEP 562)."""
    if name in _LAZY:
        from audiospace import generation

        return getattr(generation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
