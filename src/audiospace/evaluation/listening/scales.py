"""What raters are asked: the two scales of the OmniAudio paper, from 0 to 100."""

from collections.abc import Sequence
from dataclasses import dataclass

from audiospace.errors import UserError

LOWEST, HIGHEST = 0.0, 100.0
"""Ends of every scale."""


@dataclass(frozen=True)
class Scale:
    """One question about a sound, answered from 0 to 100.

    Attributes:
        key: Its name in files.
        title: Its name in tables.
        question: What the rater is asked.
    """

    key: str
    title: str
    question: str


SPATIAL_QUALITY = Scale(
    "sq", "MOS-SQ", "How good is the spatial sound: is it clear where each sound is, and is it free of flaws?"
)
ALIGNMENT = Scale(
    "af", "MOS-AF", "How well does the sound fit what is seen, in kind, in time and in direction?"
)
SCALES = {scale.key: scale for scale in (SPATIAL_QUALITY, ALIGNMENT)}
"""Scales by their key: spatial audio quality and alignment faithfulness (Liu et al., OmniAudio, 2025)."""


def require_scales(keys: Sequence[str]) -> tuple[str, ...]:
    """Check that keys name scales, each once.

    Args:
        keys: Keys of scales.

    Returns:
        The same keys.

    Raises:
        UserError: There is none, one is unknown, or one comes twice.
    """
    known = ", ".join(SCALES)
    for key in keys:
        if key not in SCALES:
            raise UserError(f"There is no scale {key!r}", remedy=f"Choose from: {known}")
    if not keys or len(set(keys)) < len(keys):
        raise UserError("Scales must be given, each once", remedy=f"Choose from: {known}")
    return tuple(keys)
