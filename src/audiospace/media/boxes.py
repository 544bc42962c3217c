"""The boxes of an MP4 or MOV file's ``moov``: parse to a tree, write back byte for byte.

Sources: ISO/IEC 14496-12 (boxes, sample entries) and Apple's QuickTime File Format (versions 1 and 2 of
the sound sample description).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_PLAIN = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"sv3d", b"proj"}
_STSD_HEAD = 8
_VISUAL_HEAD = 78
_SOUND_HEAD = 28
_QUICKTIME_SOUND_EXTRA = {0: 0, 1: 16, 2: 36}
_HEADER = 8


@dataclass
class Box:
    """One box.

    Attributes:
        kind: Its four-character type.
        head: Bytes before the children: the whole payload of a box without children.
        children: The boxes inside.
        tail: Bytes after the last child that are no box (QuickTime ends some lists with zeros).
    """

    kind: bytes
    head: bytes = b""
    children: list["Box"] = field(default_factory=list)
    tail: bytes = b""

    def to_bytes(self) -> bytes:
        """The box with its header, as it stands in a file."""
        payload = self.head + b"".join(child.to_bytes() for child in self.children) + self.tail
        size = len(payload) + _HEADER
        if size < 2**32:
            return struct.pack(">I4s", size, self.kind) + payload
        return struct.pack(">I4sQ", 1, self.kind, size + 8) + payload

    def child(self, *path: bytes) -> "Box | None":
        """The first descendant along a path of types, or None.

        Args:
            *path: Types from child to grandchild and so on.

        Returns:
            The box at the end of the path.
        """
        found: Box | None = self
        for kind in path:
            found = None if found is None else next((c for c in found.children if c.kind == kind), None)
        return found

    def walk(self) -> Iterator["Box"]:
        """This box and everything inside it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse_box(data: bytes, *, quicktime: bool = False) -> Box:
    """Parse one box; ``moov`` and what leads down to the sample entries become a tree.

    Args:
        data: A whole box with its header.
        quicktime: The file's brand is QuickTime, so sound sample entries may be longer.

    Returns:
        The box; ``to_bytes`` gives ``data`` back.

    Raises:
        ValueError: Sizes do not add up.
    """
    boxes, tail = split_boxes(data)
    if len(boxes) != 1 or tail:
        raise ValueError(f"expected one box, found {len(boxes)} and {len(tail)} bytes more")
    return _open(boxes[0], _Context(quicktime, b""))


def split_boxes(data: bytes) -> tuple[list[Box], bytes]:
    """Cut bytes into consecutive boxes without looking inside them.

    Args:
        data: Boxes one after the other.

    Returns:
        The boxes, each with its payload as ``head``, and the bytes after them that are no box.

    Raises:
        ValueError: A size is impossible.
    """
    boxes = []
    position = 0
    while len(data) - position >= _HEADER:
        size, kind = struct.unpack_from(">I4s", data, position)
        if size == 0 and kind == b"\0\0\0\0":
            break
        header = _HEADER
        if size == 1 and len(data) - position >= 2 * _HEADER:
            header = 2 * _HEADER
            size = struct.unpack_from(">Q", data, position + _HEADER)[0]
        elif size == 0:
            size = len(data) - position
        if size < header or position + size > len(data):
            raise ValueError(f"box {kind!r} claims {size} bytes where {len(data) - position} are left")
        boxes.append(Box(kind, data[position + header : position + size]))
        position += size
    return boxes, data[position:]


def media_tracks(moov: Box, handler: bytes) -> list[Box]:
    """The ``trak`` boxes with a given media handler.

    Args:
        moov: A parsed ``moov``.
        handler: ``b"vide"`` or ``b"soun"``.

    Returns:
        The tracks in file order.
    """
    return [box for box in moov.children if box.kind == b"trak" and handler_of(box) == handler]


def handler_of(trak: Box) -> bytes:
    """The handler type of a track (``hdlr`` in ``mdia``), empty if it has none."""
    hdlr = trak.child(b"mdia", b"hdlr")
    return b"" if hdlr is None else hdlr.head[8:12]


def sample_entry(trak: Box) -> Box:
    """The first sample entry of a track.

    Args:
        trak: A parsed ``trak``.

    Returns:
        The box inside ``stsd``, such as ``avc1`` or ``mp4a``.

    Raises:
        ValueError: The track has none.
    """
    stsd = trak.child(b"mdia", b"minf", b"stbl", b"stsd")
    if stsd is None or not stsd.children:
        raise ValueError("a track has no sample description")
    return stsd.children[0]


@dataclass(frozen=True)
class _Context:
    """What the meaning of a box depends on: the file's brand and the handler of its track."""

    quicktime: bool
    handler: bytes


def _open(box: Box, context: _Context) -> Box:
    """Turn a closed box into a tree, as far down as this module knows."""
    if box.kind == b"trak":
        context = _Context(context.quicktime, _handler(box.head))
    if box.kind == b"stsd":
        entries, tail = split_boxes(box.head[_STSD_HEAD:])
        return Box(box.kind, box.head[:_STSD_HEAD], [_open_entry(e, context) for e in entries], tail)
    if box.kind not in _PLAIN:
        return box
    children, tail = split_boxes(box.head)
    return Box(box.kind, b"", [_open(child, context) for child in children], tail)


def _open_entry(entry: Box, context: _Context) -> Box:
    """Separate a sample entry's fixed fields from the boxes that follow them."""
    if context.handler == b"vide":
        length = _VISUAL_HEAD
    elif context.handler == b"soun":
        version = int.from_bytes(entry.head[8:10], "big")
        length = _SOUND_HEAD + (_QUICKTIME_SOUND_EXTRA.get(version, 0) if context.quicktime else 0)
    else:
        return entry
    children, tail = split_boxes(entry.head[length:])
    return Box(entry.kind, entry.head[:length], [_open(child, context) for child in children], tail)


def _handler(trak_payload: bytes) -> bytes:
    """The handler type of a track that is not opened yet: ``mdia`` > ``hdlr``, bytes 8 to 12."""
    for media in split_boxes(trak_payload)[0]:
        if media.kind == b"mdia":
            for box in split_boxes(media.head)[0]:
                if box.kind == b"hdlr":
                    return box.head[8:12]
    return b""
