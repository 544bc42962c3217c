"""The embedders by name. One is imported and loaded only when it is asked for."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from audiospace.errors import UserError
from audiospace.hearing.embedder import SoundEmbedder


def _judge() -> SoundEmbedder:
    from audiospace.hearing.judge import SoundJudge

    return SoundJudge.load()


def _openl3() -> SoundEmbedder:
    from audiospace.hearing.openl3 import OpenL3

    return OpenL3(device=_device())


def _passt() -> SoundEmbedder:
    from audiospace.hearing.passt import Passt

    return Passt(device=_device())


def _clap() -> SoundEmbedder:
    from audiospace.hearing.clap import Clap

    return Clap(device=_device())


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


EMBEDDERS: Mapping[str, Callable[[], SoundEmbedder]] = MappingProxyType(
    {"judge": _judge, "openl3": _openl3, "passt": _passt, "clap": _clap}
)
"""From names to what loads the embedder; the first is the default."""


def load_embedder(name: str) -> SoundEmbedder:
    """Load an embedder.

    Args:
        name: A key of `EMBEDDERS`.

    Returns:
        The embedder with its weights.

    Raises:
        UserError: No embedder has this name, or its weights or optional packages are missing.
    """
    if name not in EMBEDDERS:
        raise UserError(f"no sound embedder is called '{name}'", remedy=f"Known: {', '.join(EMBEDDERS)}")
    return EMBEDDERS[name]()
