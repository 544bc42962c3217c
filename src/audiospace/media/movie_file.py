"""The top level of an MP4 or MOV file: read its ``moov``, write the file again with another one.

Source: ISO/IEC 14496-12, sections 4.2 (boxes), 8.7.5 (chunk offsets).
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audiospace.media.boxes import Box, parse_box

_MAX_MOOV = 2**30
_COPY_BYTES = 1 << 20
_NARROW_LIMIT = 2**32


@dataclass(frozen=True)
class Span:
    """Where a top-level box lies in a file.

    Attributes:
        kind: Its type.
        start: Offset of its first byte.
        size: Bytes with the header.
    """

    kind: bytes
    start: int
    size: int


@dataclass(frozen=True)
class Movie:
    """An MP4 or MOV file, opened as far as its ``moov``.

    Attributes:
        path: The file.
        spans: The top-level boxes in file order.
        moov: The movie's description.
    """

    path: Path
    spans: tuple[Span, ...]
    moov: Box


def read_movie(path: str | Path) -> Movie | None:
    """Read the boxes of an MP4 or MOV file.

    Args:
        path: Any file.

    Returns:
        The movie, or None if the file is not a whole MP4 or MOV.

    Raises:
        ValueError: A ``moov`` is there, but its boxes are damaged.
    """
    file = Path(path)
    with file.open("rb") as stream:
        spans = _spans(stream, file.stat().st_size)
        description = next((span for span in spans if span.kind == b"moov"), None)
        if description is None or description.size > _MAX_MOOV:
            return None
        first = spans[0]
        stream.seek(first.start + 8)
        quicktime = first.kind != b"ftyp" or stream.read(4) == b"qt  "
        stream.seek(description.start)
        return Movie(file, tuple(spans), parse_box(stream.read(description.size), quicktime=quicktime))


def write_movie(movie: Movie, moov: Box, target: str | Path) -> None:
    """Write a movie with another ``moov``, placed before the media so that playing can start at once.

    Chunk offsets are moved along with the media. Nothing else of the file changes.

    Args:
        movie: The file to copy the media from.
        moov: The description to write; its chunk offsets are those of ``movie`` and are changed here.
        target: The file to write, not the one of ``movie``.

    Raises:
        ValueError: The movie is fragmented, so its media is not described by ``moov`` alone.
    """
    if any(span.kind == b"moof" for span in movie.spans):
        raise ValueError("fragmented MP4 files cannot be tagged")
    rest = [span for span in movie.spans if span.kind not in (b"ftyp", b"moov", b"free", b"skip")]
    lead = sum(span.size for span in movie.spans if span.kind == b"ftyp")
    _place(moov, rest, lead)
    with movie.path.open("rb") as source, Path(target).open("wb") as sink:
        for span in movie.spans:
            if span.kind == b"ftyp":
                _copy(source, sink, span)
        sink.write(moov.to_bytes())
        for span in rest:
            _copy(source, sink, span)


def _spans(stream: BinaryIO, length: int) -> list[Span]:
    """Top-level boxes, as far as they are whole."""
    spans = []
    position = 0
    while position + 8 <= length:
        stream.seek(position)
        size, kind = struct.unpack(">I4s", stream.read(8))
        if size == 1:
            size = int.from_bytes(stream.read(8), "big")
        elif size == 0:
            size = length - position
        if size < 8 or position + size > length:
            break
        spans.append(Span(kind, position, size))
        position += size
    return spans


def _place(moov: Box, rest: list[Span], lead: int) -> None:
    """Rewrite the chunk offsets for the media that follows ``lead`` bytes and the ``moov`` itself."""
    tables = [box for box in moov.walk() if box.kind in (b"stco", b"co64")]
    old = [_offsets(box) for box in tables]
    media_bytes = sum(span.size for span in rest)
    if lead + len(moov.to_bytes()) + 4 * sum(map(len, old)) + media_bytes >= _NARROW_LIMIT:
        for box in tables:
            _set_offsets(box, _offsets(box), wide=True)
    begin = lead + len(moov.to_bytes())
    moves = []
    for span in rest:
        moves.append((span, begin - span.start))
        begin += span.size
    for box, offsets in zip(tables, old, strict=True):
        _set_offsets(box, [_moved(offset, moves) for offset in offsets], wide=box.kind == b"co64")


def _moved(offset: int, moves: list[tuple[Span, int]]) -> int:
    for span, shift in moves:
        if span.start <= offset < span.start + span.size:
            return offset + shift
    raise ValueError(f"chunk offset {offset} points outside the media of the file")


def _offsets(box: Box) -> list[int]:
    """The entries of an ``stco`` (32 bit) or ``co64`` (64 bit) table."""
    count = int.from_bytes(box.head[4:8], "big")
    return list(struct.unpack_from(f">{count}{'Q' if box.kind == b'co64' else 'I'}", box.head, 8))


def _set_offsets(box: Box, offsets: list[int], *, wide: bool) -> None:
    box.kind = b"co64" if wide else b"stco"
    box.head = box.head[:4] + struct.pack(f">I{len(offsets)}{'Q' if wide else 'I'}", len(offsets), *offsets)


def _copy(source: BinaryIO, sink: BinaryIO, span: Span) -> None:
    source.seek(span.start)
    remaining = span.size
    while remaining:
        part = source.read(min(_COPY_BYTES, remaining))
        if not part:
            raise ValueError("the file became shorter while it was copied")
        sink.write(part)
        remaining -= len(part)
