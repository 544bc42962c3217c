"""VP8 in MP4, which FFmpeg's muxer refuses to write though its demuxer reads it.

The packets are muxed under a codec of which the muxer leaves every byte alone; then the sample entry is
rewritten to what it should have been: ``vp08`` with a ``vpcC`` box, as in "VP Codec ISO Media File Format
Binding" (the WebM project).
"""

import struct
from dataclasses import dataclass

from audiospace.media.boxes import Box, media_tracks, sample_entry

STAND_IN = "mpeg4"
_STAND_IN_ENTRY = b"mp4v"


@dataclass(frozen=True)
class Colour:
    """Code points of ISO/IEC 23001-8 (2 is unspecified).

    Attributes:
        primaries: Colour primaries.
        transfer: Transfer characteristics.
        matrix: Matrix coefficients.
        full_range: Whether levels use the full range of 8 bits.
    """

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    full_range: bool = False


def restore_vp8(moov: Box, colour: Colour) -> None:
    """Give the video track of a movie its true sample entry.

    Args:
        moov: A movie whose video was muxed as ``STAND_IN``; changed in place.
        colour: Of the pictures.

    Raises:
        ValueError: The video track is not of the stand-in codec.
    """
    for trak in media_tracks(moov, b"vide")[:1]:
        entry = sample_entry(trak)
        if entry.kind != _STAND_IN_ENTRY:
            raise ValueError(f"expected a video sample entry {_STAND_IN_ENTRY!r}, found {entry.kind!r}")
        entry.kind = b"vp08"
        kept = [box for box in entry.children if box.kind != b"esds"]
        entry.children = [build_vpcc(colour), *kept]


def build_vpcc(colour: Colour) -> Box:
    """The VP codec configuration of 8-bit 4:2:0 VP8.

    Args:
        colour: Of the pictures.

    Returns:
        A ``vpcC`` box, version 1.
    """
    profile, level, bit_depth, subsampling = 0, 0, 8, 1
    depths = bit_depth << 4 | subsampling << 1 | int(colour.full_range)
    fields = (profile, level, depths, colour.primaries, colour.transfer, colour.matrix, 0)
    return Box(b"vpcC", struct.pack(">I6BH", 1 << 24, *fields))
