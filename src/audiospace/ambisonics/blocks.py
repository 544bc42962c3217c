"""Sound that arrives in blocks: long signals are worked on piece by piece, at bounded memory."""

from collections.abc import Iterable, Iterator

import numpy as np

from audiospace.ambisonics.convention import FloatArray


def regroup(blocks: Iterable[FloatArray], size: int) -> Iterator[FloatArray]:
    """Cut and join blocks to blocks of one size, so that what follows does not depend on how they came.

    Args:
        blocks: Pieces of a sound in order, each of shape (..., n) for any n.
        size: Samples wanted, at least 1.

    Yields:
        The same samples, shape (..., size); the last block may be shorter, and none is empty.

    Raises:
        ValueError: The size is not positive.
    """
    if size < 1:
        raise ValueError(f"blocks must hold at least one sample, not {size}")
    parts: list[FloatArray] = []
    missing = size
    for block in blocks:
        start = 0
        while start < block.shape[-1]:
            part = block[..., start : start + missing]
            start += part.shape[-1]
            missing -= part.shape[-1]
            parts.append(part)
            if missing == 0:
                yield _joined(parts)
                parts, missing = [], size
    if parts:
        yield _joined(parts)


def _joined(parts: list[FloatArray]) -> FloatArray:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
