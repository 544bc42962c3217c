"""Banks of views kept on disk: a large one takes many minutes, and several stages want the same."""

from collections.abc import Callable, Sequence

from audiospace.media import KeptFiles
from audiospace.training.feature_bank import FeatureBank
from audiospace.training.latents import fingerprint
from audiospace.vision import FrameEncoder

LIMIT = 2**30
"""Bytes that are kept at most."""
_REVISION = 1  # raise it when the same scenes would be drawn or seen otherwise


def kept_bank(
    encoder: FrameEncoder,
    kinds: Sequence[str],
    frames: int,
    tile_count: int,
    on_frame: Callable[[int], None] | None = None,
    *,
    first: int = 0,
) -> FeatureBank:
    """Give the bank that `FeatureBank.build` makes of these arguments, of an earlier run where there is one.

    Args:
        encoder: The frame encoder.
        kinds: Kinds of sources that will be asked for.
        frames: Frames to render.
        tile_count: Tiles that cover the sphere.
        on_frame: Called while frames are rendered with the number of frames done.
        first: Number of the first scene.

    Returns:
        The bank.
    """
    files = KeptFiles.named("views", LIMIT)
    key = fingerprint(_REVISION, encoder.id, list(kinds), frames, tile_count, first)
    found = files.find(key, FeatureBank.load)
    if found is not None:
        return found
    bank = FeatureBank.build(encoder, kinds, frames, tile_count, on_frame, first=first)
    files.keep(key, bank.save)
    files.tidy()
    return bank
