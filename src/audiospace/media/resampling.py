"""Change of the sample rate, of whole arrays and of sound that arrives in blocks: the same samples."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from audiospace.ambisonics import regroup

_BLOCK = 1 << 16
_HALF_TAPS = 10
"""Half the length of SciPy's filter, in periods of the lower rate."""


def resample(samples: NDArray[np.floating], source: int, target: int) -> NDArray[np.float32]:
    """Change the sample rate by polyphase filtering (linear phase: no delay between channels).

    Args:
        samples: Shape (..., n).
        source: Rate in hertz of ``samples``.
        target: Rate in hertz wanted.

    Returns:
        Shape (..., ceil(n * target / source)), float32.
    """
    if source == target:
        return samples.astype(np.float32, copy=False)
    divisor = math.gcd(source, target)
    resampled = resample_poly(samples, target // divisor, source // divisor, axis=-1)
    return np.asarray(resampled, dtype=np.float32)


def resampled_length(samples: int, source: int, target: int) -> int:
    """Give the length of a sound once its rate is another one.

    Args:
        samples: Its length.
        source: Its rate in hertz.
        target: Rate in hertz wanted.

    Returns:
        Samples that ``resample`` gives.
    """
    return -(-samples * target // source)


def resample_blocks(
    blocks: Iterable[NDArray[np.float32]], source: int, target: int
) -> Iterator[NDArray[np.float32]]:
    """Change the sample rate of a sound that arrives in blocks.

    Each piece is filtered with all the neighbours that its samples are made of, and begins where a sample of
    the old rate and one of the new coincide.

    Args:
        blocks: Pieces of the sound in order, each of shape (channels, n) for any n.
        source: Their rate in hertz.
        target: Rate in hertz wanted.

    Yields:
        Pieces of shape (channels, m), float32; together what ``resample`` gives for the whole.
    """
    divisor = math.gcd(source, target)
    up, down = target // divisor, source // divisor
    context = down * math.ceil((_HALF_TAPS * max(up, down) / up + 1) / down)
    pieces = regroup(blocks, max(context, down * math.ceil(_BLOCK / down)))
    before = current = next(pieces, None)
    if before is None or current is None:
        return
    before = before[:, :0]
    for after in pieces:
        yield _middle(before, current, after[:, :context], source, target)
        before, current = current[:, -context:], after
    yield _middle(before, current, current[:, :0], source, target)


def _middle(
    before: NDArray[np.float32],
    piece: NDArray[np.float32],
    after: NDArray[np.float32],
    source: int,
    target: int,
) -> NDArray[np.float32]:
    """Resample a piece between its neighbours, and leave their samples out."""
    begin = resampled_length(before.shape[1], source, target)
    length = resampled_length(piece.shape[1], source, target)
    return resample(np.concatenate([before, piece, after], axis=1), source, target)[:, begin : begin + length]
