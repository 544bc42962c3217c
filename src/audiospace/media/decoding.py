"""The sound stream of a video or a coded sound file, decoded block by block."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media.opening import open_media


@dataclass(frozen=True)
class SoundStream:
    """The first sound stream of a file.

    Attributes:
        path: The file.
        sample_rate: Hertz.
        start: Seconds on the container's clock at which its first sample is heard.
        length: Samples that count, where the stream says so; decoders of coded sound may give more.
    """

    path: Path
    sample_rate: int
    start: float
    length: int | None

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Decode it.

        Yields:
            Pieces of shape (channels, n), full scale 1: channels in file order, at file level.

        Raises:
            UserError: The file cannot be read or decoded.
        """
        given = 0
        with open_media(self.path) as container:
            for frame in container.decode(audio=0):
                block = _planes(frame)
                kept = block.shape[1] if self.length is None else min(block.shape[1], self.length - given)
                if kept:
                    yield block[:, :kept]
                given += kept


def open_sound(file: Path) -> SoundStream:
    """Find out when a file's sound begins and how long it is; only its beginning is decoded.

    Args:
        file: A video or a sound file; of several sound streams, the first counts.

    Returns:
        The stream, to be decoded.

    Raises:
        UserError: The file cannot be read, has no sound, or nothing in it can be decoded.
    """
    with open_media(file) as container:
        if not container.streams.audio:
            raise UserError("has no sound", file=file)
        stream = container.streams.audio[0]
        begins, ends = _span(container, file)
        rate, time_base = stream.codec_context.sample_rate, stream.time_base
    exact = time_base is not None and time_base * rate == 1
    length = ends - begins if exact and begins is not None and ends is not None else 0
    start = 0.0 if begins is None or time_base is None else float(begins * time_base)
    return SoundStream(file, rate, start, length if length > 0 else None)


def _span(container: InputContainer, file: Path) -> tuple[int | None, int | None]:
    """When the first decoded sample is heard and when the last packet ends, in ticks of the stream."""
    begins: int | None = None
    ends: int | None = None
    decoded = False
    for packet in container.demux(audio=0):
        if packet.pts is not None and packet.duration:
            # The last packet of a coded stream says how many of its samples count.
            ends = packet.pts + packet.duration
        if begins is None:
            for frame in packet.decode():
                decoded = True
                begins = frame.pts if begins is None else begins
    if not decoded:
        raise UserError("has a sound stream, but nothing in it can be decoded", file=file)
    return begins, ends


def _planes(frame: AudioFrame) -> NDArray[np.float32]:
    """Samples of a decoded frame as (channels, n) float32 with full scale 1."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if np.issubdtype(samples.dtype, np.floating):
        return samples.astype(np.float32)
    middle = 128.0 if samples.dtype == np.uint8 else 0.0
    bits = 8 * samples.dtype.itemsize
    return ((samples.astype(np.float64) - middle) / 2.0 ** (bits - 1)).astype(np.float32)
