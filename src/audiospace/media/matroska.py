"""Spherical metadata of a WebM or Matroska file: ``StereoMode`` and ``Projection`` of a video track.

Sources: RFC 8794 (EBML), RFC 9559 (Matroska) sections 5.1.4.1.28.3 and 5.1.4.1.28.41.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from audiospace.media.layout import StereoLayout
from audiospace.media.spherical_tags import SphericalProjection, SphericalVideo

_EBML = 0x1A45DFA3
_SEGMENT = 0x18538067
_TRACKS = 0x1654AE6B
_CLUSTER = 0x1F43B675
_TRACK_ENTRY = 0xAE
_VIDEO = 0xE0
_STEREO_MODE = 0x53B8
_PROJECTION = 0x7670
_PROJECTION_TYPE = 0x7671
_POSES = (0x7673, 0x7674, 0x7675)

_PROJECTIONS: dict[int, SphericalProjection] = {1: "equirectangular", 2: "cubemap", 3: "mesh"}
# 1 and 11 are side by side (left or right eye first), 2 and 3 top-bottom (right or left eye first).
_STEREO: dict[int, StereoLayout] = {1: "left-right", 11: "left-right", 2: "top-bottom", 3: "top-bottom"}
_HEAD_BYTES = 1 << 22


def read_matroska(path: str | Path) -> SphericalVideo | None:
    """Read the spherical metadata of the first video track that has any.

    Args:
        path: Any file.

    Returns:
        What it says, or None if the file is not Matroska or says nothing spherical.
    """
    with Path(path).open("rb") as stream:
        data = stream.read(_HEAD_BYTES)
    if data[:4] != _EBML.to_bytes(4, "big"):
        return None
    for segment in _children(data, _SEGMENT):
        for tracks in _children(segment, _TRACKS):
            for track in _children(tracks, _TRACK_ENTRY):
                for video in _children(track, _VIDEO):
                    found = _read_video(video)
                    if found is not None:
                        return found
    return None


def _read_video(video: bytes) -> SphericalVideo | None:
    """What a ``Video`` element says."""
    stereo: StereoLayout = "mono"
    for value in _children(video, _STEREO_MODE):
        stereo = _STEREO.get(int.from_bytes(value, "big"), "mono")
    for projection in _children(video, _PROJECTION):
        kind = 0
        for value in _children(projection, _PROJECTION_TYPE):
            kind = int.from_bytes(value, "big")
        if kind in _PROJECTIONS:
            yaw, pitch, roll = (_float(projection, identifier) for identifier in _POSES)
            return SphericalVideo(_PROJECTIONS[kind], stereo, yaw, pitch, roll, "Matroska")
    return None


def _float(data: bytes, identifier: int) -> float:
    """A floating-point child, 0 when absent."""
    for value in _children(data, identifier):
        if len(value) in (4, 8):
            return float(struct.unpack(">f" if len(value) == 4 else ">d", value)[0])
    return 0.0


def _children(data: bytes, wanted: int) -> Iterator[bytes]:
    """Payloads of the child elements with an identifier, as far as the data reaches."""
    position = 0
    while position < len(data):
        length = _vint_length(data[position])
        identifier = int.from_bytes(data[position : position + length], "big")
        position += length
        if position >= len(data) or length > 4 or identifier == _CLUSTER:
            return
        length = _vint_length(data[position])
        size = int.from_bytes(data[position : position + length], "big") & ((1 << (7 * length)) - 1)
        unknown = size == (1 << (7 * length)) - 1
        position += length
        end = len(data) if unknown else position + size
        if identifier == wanted:
            yield data[position:end]
        position = end


def _vint_length(first: int) -> int:
    """Length in bytes of a variable-size integer, from its first byte (RFC 8794, section 4)."""
    return 9 - first.bit_length()
