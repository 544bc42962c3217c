"""Sound of any length, read block by block: what is made of it need never be in memory as a whole."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import regroup
from audiospace.media.atomic import writing
from audiospace.media.resampling import resample_blocks, resampled_length

_BLOCK = 1 << 16
"""Samples per channel read from a file at a time."""

Block = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    """Sound that can be read from its beginning as often as needed.

    What a method gives is computed when it is read, block by block, and each time anew.

    Attributes:
        channels: Number of channels.
        sample_rate: Hertz.
        samples: Length.
        blocks: Begins to read: gives the samples in order, in pieces of shape (channels, n) for any n.
    """

    channels: int
    sample_rate: int
    samples: int
    blocks: Callable[[], Iterator[Block]]

    def mapped(self, function: Callable[[Block], Block], channels: int | None = None) -> "Sound":
        """Work on every sample by itself.

        Args:
            function: Maps a block of any length to one of the same length.
            channels: Number of channels that it gives; as many as there are if None.

        Returns:
            What becomes of the sound.
        """
        return replace(
            self,
            channels=self.channels if channels is None else channels,
            blocks=lambda: (function(block) for block in self.blocks()),
        )

    def scaled(self, gain: float) -> "Sound":
        """Put one gain on all channels.

        Args:
            gain: The factor.

        Returns:
            The sound times the gain.
        """
        return self.mapped(lambda block: block * np.float32(gain))

    def resampled(self, sample_rate: int) -> "Sound":
        """Change the sample rate, as ``resample`` does.

        Args:
            sample_rate: Hertz wanted.

        Returns:
            The sound at that rate.
        """
        if sample_rate == self.sample_rate:
            return self
        return Sound(
            self.channels,
            sample_rate,
            resampled_length(self.samples, self.sample_rate, sample_rate),
            lambda: resample_blocks(self.blocks(), self.sample_rate, sample_rate),
        )

    def fitted(self, length: int) -> "Sound":
        """Cut the end off, or add silence to it, to get exactly the length wanted.

        Args:
            length: Samples wanted.

        Returns:
            Sound of that length.
        """
        return replace(self, samples=length, blocks=lambda: fit_blocks(self.blocks(), self.channels, length))


def held(samples: NDArray[np.floating], sample_rate: int) -> Sound:
    """Take an array as sound, in one block.

    Args:
        samples: Shape (channels, n).
        sample_rate: Hertz.

    Returns:
        The sound.

    Raises:
        ValueError: The array has another shape.
    """
    if samples.ndim != 2:
        raise ValueError(f"samples must have shape (channels, n), not {samples.shape}")
    block = np.asarray(samples, dtype=np.float32)
    return Sound(block.shape[0], sample_rate, block.shape[1], lambda: iter([block]))


def store(sound: Sound, path: Path) -> Sound:
    """Write a sound to a file that only this run can read: interleaved 32-bit floats and nothing else.

    Args:
        sound: The sound; it is read once.
        path: The file.

    Returns:
        The same sound, read from the file.

    Raises:
        UserError: The file cannot be written.
    """
    with writing(path) as temporary, temporary.open("wb") as file:
        for block in sound.blocks():
            file.write(np.ascontiguousarray(block.T, dtype=np.float32).data)
    return replace(sound, blocks=lambda: _read(path, sound.channels))


def _read(path: Path, channels: int) -> Iterator[Block]:
    size = _BLOCK * channels * np.dtype(np.float32).itemsize
    with path.open("rb") as file:
        while data := file.read(size):
            yield np.ascontiguousarray(np.frombuffer(data, dtype=np.float32).reshape(-1, channels).T)


def fit_blocks(blocks: Iterable[Block], channels: int, length: int) -> Iterator[Block]:
    """Cut blocks off at a length, or let silence follow them up to it.

    Args:
        blocks: Pieces of a sound in order, each of shape (channels, n) for any n.
        channels: Their number of channels.
        length: Samples wanted.

    Yields:
        Pieces that are so long together; what comes after them is not read.
    """
    missing = length
    for block in blocks:
        if not missing:
            return
        yield block[:, :missing]
        missing -= min(missing, block.shape[1])
    while missing:
        silence = np.zeros((channels, min(missing, _BLOCK)), dtype=np.float32)
        yield silence
        missing -= silence.shape[1]


def skip_blocks(blocks: Iterable[Block], count: int) -> Iterator[Block]:
    """Leave the beginning of a sound out.

    Args:
        blocks: Pieces of a sound in order, each of shape (channels, n) for any n.
        count: Samples to leave out.

    Yields:
        Pieces of the rest.
    """
    for block in blocks:
        yield block[:, count:]
        count -= min(count, block.shape[1])


def joined(first: Sound, second: Sound, function: Callable[[Block, Block], Block], channels: int) -> Sound:
    """Make one sound of two that are equally long and have the same rate.

    Args:
        first: A sound.
        second: Another one.
        function: Makes a block of one of each, all of the same length.
        channels: Number of channels that it gives.

    Returns:
        What becomes of them.
    """

    def blocks() -> Iterator[Block]:
        pairs = zip(regroup(first.blocks(), _BLOCK), regroup(second.blocks(), _BLOCK), strict=True)
        return (function(*pair) for pair in pairs)

    return replace(first, channels=channels, blocks=blocks)
