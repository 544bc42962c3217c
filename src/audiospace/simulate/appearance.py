"""The looks of sources: small pictures that the embedded frame encoder recognises as their kind.

They are synthetic (`scripts/make_looks.py` makes them from the encoder's own class probabilities), since the
project carries no photographs.
"""

from functools import lru_cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from audiospace.simulate.kinds import KINDS

LOOK_VARIANTS = 2
"""Pictures per kind: 0 for training scenes; 1 for test scenes, the mirror image of the first."""


@lru_cache(maxsize=2 * len(KINDS))
def look(kind: str, variant: int = 0) -> NDArray[np.uint8]:
    """Give the picture of a kind of source.

    Args:
        kind: One of `KINDS`.
        variant: 0 (for training), or 1 (for testing): its mirror image.

    Returns:
        RGBA picture with straight alpha, shape (128, 128, 4), uint8, with soft edges. Read-only: shared.

    Raises:
        ValueError: There is no such kind or variant.
    """
    if kind not in KINDS or not 0 <= variant < LOOK_VARIANTS:
        raise ValueError(f"no look {variant} of kind {kind!r}")
    stored = resources.files("audiospace.simulate").joinpath("looks", f"{kind}.webp").read_bytes()
    decoded = cv2.imdecode(np.frombuffer(stored, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise ValueError(f"the stored look {variant} of kind {kind!r} is damaged")
    rgba = np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA), dtype=np.uint8)
    picture = np.ascontiguousarray(rgba[:, ::-1] if variant else rgba)
    picture.setflags(write=False)
    return picture


@lru_cache(maxsize=256)
def premultiplied(kind: str, variant: int, side: int) -> NDArray[np.float32]:
    """Give a look at a size, its colours weighted with alpha for compositing.

    Args:
        kind: One of `KINDS`.
        variant: 0 or 1.
        side: Rows and columns wanted; it is never enlarged.

    Returns:
        Colours times alpha in 0..255 and alpha in 0..1, shape (s, s, 4), s at most `side`. Read-only.

    Raises:
        ValueError: There is no such kind or variant.
    """
    straight = look(kind, variant).astype(np.float32)
    alpha = straight[..., 3:] / 255.0
    layers = np.concatenate([straight[..., :3] * alpha, alpha], axis=-1)
    if side < len(layers):
        layers = np.asarray(cv2.resize(layers, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)
    layers.setflags(write=False)
    return layers
