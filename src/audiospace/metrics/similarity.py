"""How alike two embeddings are."""

import numpy as np
from numpy.typing import NDArray

from audiospace.metrics.sound_field import UndefinedError


def cosine_similarity(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Give the cosine of the angle between two embeddings, each the mean of the windows of a sound.

    Between the embeddings of a sound and of a sentence in one space it is the CLAP score; between those of a
    generated sound and the recorded one it says how alike they are to the embedder. Each window counts alike,
    whatever the length of its embedding.

    How to read it: 1 is the same, 0 unrelated, -1 opposite, in theory. In practice embeddings of all sounds
    share a large part, so unrelated sounds can score well above 0: read it beside the score of pairs drawn at
    random. It is blind to where a sound comes from and to when things happen in it.

    Args:
        a: An embedding, shape (D,), or one for each window, shape (windows, D).
        b: Another one of the same D.

    Returns:
        In [-1, 1].

    Raises:
        UndefinedError: An embedding is not finite, or a mean has no length.
        ValueError: The shapes do not fit.
    """
    first, second = _direction(a), _direction(b)
    if first.shape != second.shape:
        raise ValueError(f"embeddings of {len(first)} and of {len(second)} numbers")
    return float(np.clip(first @ second, -1.0, 1.0))


def _direction(embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
    if embeddings.ndim not in {1, 2} or 0 in embeddings.shape:
        raise ValueError(f"expected embeddings of shape (D,) or (windows, D), got {embeddings.shape}")
    exact = np.atleast_2d(embeddings.astype(np.float64))
    if not np.isfinite(exact).all():
        raise UndefinedError("an embedding holds values that are not finite")
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    mean = np.divide(exact, lengths, out=np.zeros_like(exact), where=lengths > 0.0).mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length < np.sqrt(np.finfo(np.float64).eps):
        raise UndefinedError("an embedding has no direction")
    return np.asarray(mean / length)
