"""What a file says about its pictures and sound being spherical, and the boxes that say so.

Byte layouts: Google's spatial-media RFCs "Spherical Video" (V1: XML in a ``uuid`` box), "Spherical Video
V2" (``st3d`` and ``sv3d``) and "Spatial Audio" (``SA3D``).
"""

import re
import struct
from dataclasses import dataclass
from typing import Literal

from audiospace.media.boxes import Box
from audiospace.media.layout import StereoLayout

V1_UUID = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")
TOOL = "AudioSpace"

SphericalProjection = Literal["equirectangular", "cubemap", "mesh"]
_STEREO_MODES: tuple[StereoLayout, ...] = ("mono", "top-bottom", "left-right")
# Mode 4 has the right eye on the left: one eye is as good as the other here.
_READ_STEREO: dict[int, StereoLayout] = {0: "mono", 1: "top-bottom", 2: "left-right", 4: "left-right"}
_V2_PROJECTIONS: dict[bytes, SphericalProjection] = {
    b"equi": "equirectangular",
    b"cbmp": "cubemap",
    b"mshp": "mesh",
}
_FULL_BOX = bytes(4)
_SA3D_HEAD = ">BBIBBI"


@dataclass(frozen=True)
class SphericalVideo:
    """How the pictures cover the sphere.

    Attributes:
        projection: Of the pictures onto the sphere.
        stereo: Where the left eye's view is.
        yaw: Degrees by which the picture's centre is turned, counter-clockwise.
        pitch: Degrees upwards.
        roll: Degrees clockwise.
        source: The metadata it was read from: ``V1``, ``V2`` or ``Matroska``.
    """

    projection: SphericalProjection = "equirectangular"
    stereo: StereoLayout = "mono"
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    source: str = "V2"


@dataclass(frozen=True)
class SpatialAudio:
    """How the sound channels form ambisonics.

    Attributes:
        channels: Number of channels in the track.
        channel_map: Ambisonic component (ACN) carried by each channel; ``L`` and ``R`` of head-locked
            stereo count on after the last component.
        head_locked: The last two channels are stereo that does not turn with the head.
        order: Ambisonic order.
        ordering: 0 is ACN.
        normalization: 0 is SN3D.
        source: The metadata it was read from: ``SA3D`` or ``Opus mapping family 2``.
    """

    channels: int = 4
    channel_map: tuple[int, ...] = (0, 1, 2, 3)
    head_locked: bool = False
    order: int = 1
    ordering: int = 0
    normalization: int = 0
    source: str = "SA3D"


@dataclass(frozen=True)
class SpatialTags:
    """The spherical and ambisonic metadata of a file; None where it says nothing.

    Attributes:
        video: How the pictures cover the sphere.
        audio: How the sound channels form ambisonics.
    """

    video: SphericalVideo | None = None
    audio: SpatialAudio | None = None


def v1_xml(stereo: StereoLayout) -> str:
    """The Spherical Video V1 description of equirectangular pictures.

    Args:
        stereo: Where the left eye's view is.

    Returns:
        RDF/XML.
    """
    mode = "" if stereo == "mono" else f"<GSpherical:StereoMode>{stereo}</GSpherical:StereoMode>"
    return (
        '<?xml version="1.0"?>'
        '<rdf:SphericalVideo xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:GSpherical="http://ns.google.com/videos/1.0/spherical/">'
        "<GSpherical:Spherical>true</GSpherical:Spherical>"
        "<GSpherical:Stitched>true</GSpherical:Stitched>"
        f"<GSpherical:StitchingSoftware>{TOOL}</GSpherical:StitchingSoftware>"
        "<GSpherical:ProjectionType>equirectangular</GSpherical:ProjectionType>"
        f"{mode}</rdf:SphericalVideo>"
    )


def build_v1(stereo: StereoLayout) -> Box:
    """The Spherical Video V1 box, for equirectangular pictures.

    Args:
        stereo: Where the left eye's view is.

    Returns:
        A ``uuid`` box for the end of the video ``trak``.
    """
    return Box(b"uuid", V1_UUID + v1_xml(stereo).encode())


def parse_v1(box: Box) -> SphericalVideo | None:
    """Read a Spherical Video V1 box.

    Args:
        box: Any box of a video track.

    Returns:
        What it says, or None if it is another box or says the video is not spherical.
    """
    if box.kind != b"uuid" or not box.head.startswith(V1_UUID):
        return None
    xml = box.head[len(V1_UUID) :].decode("utf-8", "replace")
    if _v1_value(xml, "Spherical").lower() not in ("true", "1"):
        return None
    mode = _v1_value(xml, "StereoMode").lower()
    stereo: StereoLayout = next((known for known in _STEREO_MODES if known == mode), "mono")
    return SphericalVideo(stereo=stereo, source="V1")


def build_v2(video: SphericalVideo) -> list[Box]:
    """The Spherical Video V2 boxes, for whole equirectangular pictures.

    Args:
        video: Its stereo layout and pose are used.

    Returns:
        ``st3d`` and ``sv3d`` for the visual sample entry, after its codec's box.
    """
    st3d = Box(b"st3d", _FULL_BOX + bytes([_STEREO_MODES.index(video.stereo)]))
    pose = [round(65536 * angle) for angle in (video.yaw, video.pitch, video.roll)]
    svhd = Box(b"svhd", _FULL_BOX + TOOL.encode() + b"\0")
    prhd = Box(b"prhd", _FULL_BOX + struct.pack(">iii", *pose))
    equi = Box(b"equi", _FULL_BOX + struct.pack(">IIII", 0, 0, 0, 0))
    return [st3d, Box(b"sv3d", children=[svhd, Box(b"proj", children=[prhd, equi])])]


def parse_v2(entry: Box) -> SphericalVideo | None:
    """Read the Spherical Video V2 boxes of a visual sample entry.

    Args:
        entry: A visual sample entry with its children.

    Returns:
        What they say, or None if there is no ``sv3d``.
    """
    projection = entry.child(b"sv3d", b"proj")
    if projection is None:
        return None
    found = next((_V2_PROJECTIONS[b.kind] for b in projection.children if b.kind in _V2_PROJECTIONS), None)
    if found is None:
        return None
    header = projection.child(b"prhd")
    yaw = pitch = roll = 0.0
    if header is not None and len(header.head) >= 16:
        yaw, pitch, roll = (value / 65536 for value in struct.unpack_from(">iii", header.head, 4))
    return SphericalVideo(found, parse_stereo(entry), yaw, pitch, roll, "V2")


def parse_stereo(entry: Box) -> StereoLayout:
    """The stereo layout in a visual sample entry's ``st3d``; mono without one.

    Args:
        entry: A visual sample entry with its children.

    Returns:
        The layout.
    """
    box = entry.child(b"st3d")
    if box is None or len(box.head) < 5:
        return "mono"
    return _READ_STEREO.get(box.head[4], "mono")


def build_sa3d(audio: SpatialAudio) -> Box:
    """The SA3D box of the Spatial Audio RFC.

    Args:
        audio: What to write.

    Returns:
        The box for the end of the sound sample entry: 36 bytes for four channels.
    """
    kind = 0x80 if audio.head_locked else 0
    head = struct.pack(_SA3D_HEAD, 0, kind, audio.order, audio.ordering, audio.normalization, audio.channels)
    return Box(b"SA3D", head + struct.pack(f">{audio.channels}I", *audio.channel_map))


def parse_sa3d(box: Box) -> SpatialAudio:
    """Read an SA3D box.

    Args:
        box: The box.

    Returns:
        What it says.

    Raises:
        ValueError: It is too short, or of an unknown version or ambisonic type.
    """
    length = struct.calcsize(_SA3D_HEAD)
    if len(box.head) < length:
        raise ValueError("SA3D box is too short")
    version, kind, order, ordering, normalization, channels = struct.unpack_from(_SA3D_HEAD, box.head)
    if version != 0 or kind & 0x7F or len(box.head) != length + 4 * channels:
        raise ValueError("SA3D box of an unknown version or size")
    mapped = struct.unpack_from(f">{channels}I", box.head, length)
    return SpatialAudio(channels, mapped, bool(kind & 0x80), order, ordering, normalization)


def _v1_value(xml: str, name: str) -> str:
    found = re.search(rf"<GSpherical:{name}>\s*([^<]*?)\s*</GSpherical:{name}>", xml)
    return "" if found is None else found.group(1)
