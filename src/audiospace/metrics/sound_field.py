"""A sound field as its second-order statistics in short slices: all that every spatial metric needs.

A sound of any length is read once, block by block, and leaves 16 numbers for each slice of 50 ms. Direction,
diffuseness and energy maps of the whole and of longer windows follow from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audiospace.ambisonics import CHANNELS, FloatArray, W, harmonics_of, require_channels

SLICES_PER_SECOND = 20
"""Slices of a sound per second; windows are whole numbers of them."""

SILENCE = 1e-12
"""Mean square of a sound below which it is silent: -120 dB relative to full scale."""


class UndefinedError(ValueError):
    """A metric has no value for a sound or a pair of sounds; the message says why."""


class NotFiniteError(UndefinedError):
    """A sound holds samples that are not finite numbers."""


@dataclass(frozen=True, eq=False)
class SoundField:
    """Summary of one AmbiX sound.

    Attributes:
        covariances: Mean products of all pairs of channels (W, Y, Z, X) in slices that follow each other
            without overlap, shape (k, 4, 4). Slice i begins at sample round(i rate / 20); the last one may be
            shorter.
        counts: Samples in each slice, at least 1, shape (k,).
        sample_rate: Hertz.
    """

    covariances: NDArray[np.float64]
    counts: NDArray[np.int64]
    sample_rate: int

    @property
    def samples(self) -> int:
        """Length of the sound in samples."""
        return int(self.counts.sum())

    @property
    def seconds(self) -> float:
        """Length of the sound in seconds."""
        return self.samples / self.sample_rate

    @property
    def whole(self) -> NDArray[np.float64]:
        """Covariance over the whole sound, shape (4, 4); zero if it has no samples."""
        return np.asarray(np.tensordot(self.counts, self.covariances, axes=1) / max(1, self.samples))

    def until(self, slices: int) -> "SoundField":
        """Leave out what comes after a number of slices.

        Args:
            slices: Slices to keep.

        Returns:
            The beginning of the sound.
        """
        return replace(self, covariances=self.covariances[:slices], counts=self.counts[:slices])

    def windows(self, slices: int) -> NDArray[np.float64]:
        """Join slices to windows that follow each other without overlap.

        Args:
            slices: Slices in a window: 20 for a second, 4 for 0.2 s.

        Returns:
            Covariance of each window, shape (m, 4, 4). Nothing is left out: a rest of half a window or more
            is a window of its own, and a shorter one joins the last window.

        Raises:
            ValueError: The number of slices is not positive.
        """
        if slices < 1:
            raise ValueError(f"a window holds at least one slice, not {slices}")
        if not len(self.counts):
            return np.zeros((0, CHANNELS, CHANNELS))
        begins = np.arange(max(1, (2 * len(self.counts) + slices) // (2 * slices))) * slices
        sums = np.add.reduceat(self.covariances * self.counts[:, None, None], begins)
        return np.asarray(sums / np.add.reduceat(self.counts, begins)[:, None, None])


def summarise(blocks: Iterable[FloatArray], sample_rate: int) -> SoundField:
    """Read a sound once and keep its statistics.

    Args:
        blocks: Pieces of an AmbiX sound in order, each of shape (4, n) for any n.
        sample_rate: Hertz, at least 20.

    Returns:
        The summary; its size is 136 bytes for each slice of 50 ms.

    Raises:
        NotFiniteError: The sound holds values that are not finite.
        ValueError: A block has another shape, or the rate is too low.
    """
    if sample_rate < SLICES_PER_SECOND:
        raise ValueError(f"the sample rate must be at least {SLICES_PER_SECOND} Hz, not {sample_rate}")
    sums: list[NDArray[np.float64]] = []
    begin = 0
    for block in blocks:
        require_channels(block)
        if block.ndim != 2:
            raise ValueError(f"expected sound of shape (4, samples), got {block.shape}")
        _add(block.astype(np.float64, copy=False), begin, sample_rate, sums)
        begin += block.shape[1]
    edges = np.array([min(begin, _begin_of(i, sample_rate)) for i in range(len(sums) + 1)], dtype=np.int64)
    counts = edges[1:] - edges[:-1]
    totals = np.array(sums).reshape(-1, CHANNELS, CHANNELS)
    if not np.isfinite(totals).all():
        raise NotFiniteError("it holds values that are not finite")
    return SoundField(totals / counts[:, None, None], counts, sample_rate)


def _begin_of(index: int, sample_rate: int) -> int:
    return round(index * sample_rate / SLICES_PER_SECOND)


def _add(block: NDArray[np.float64], begin: int, sample_rate: int, sums: list[NDArray[np.float64]]) -> None:
    """Add a block that begins at a sample of the sound to the sums of its slices; new ones are appended."""
    index = max(0, len(sums) - 1)
    while (start := _begin_of(index, sample_rate)) < begin + block.shape[1]:
        part = block[:, max(0, start - begin) : _begin_of(index + 1, sample_rate) - begin]
        if index == len(sums):
            sums.append(np.zeros((CHANNELS, CHANNELS)))
        with np.errstate(invalid="ignore", over="ignore"):
            sums[index] += part @ part.T
        index += 1


def is_silent(matrices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell whether nothing is heard.

    Args:
        matrices: Covariances of the four channels, shape (..., 4, 4).

    Returns:
        True where the mean square over all channels is below `SILENCE`, shape (...).
    """
    return np.asarray(np.trace(matrices, axis1=-2, axis2=-1) < SILENCE * CHANNELS)


def shared(reference: SoundField, generated: SoundField) -> tuple[SoundField, SoundField]:
    """Cut two sounds to the slices that both have.

    Args:
        reference: Recorded sound.
        generated: Sound to judge; its length and its sample rate may be others.

    Returns:
        The beginnings of both, of equally many slices.

    Raises:
        UndefinedError: There is nothing to compare: one of them is silent or has no samples in that time.
    """
    slices = min(len(reference.counts), len(generated.counts))
    cut = reference.until(slices), generated.until(slices)
    for field, name in zip(cut, ("recorded", "generated"), strict=True):
        if is_silent(field.whole):
            raise UndefinedError(f"the {name} sound is silent")
    return cut


def point_source(field: SoundField, directions: FloatArray) -> SoundField:
    """Give the field of a plane wave that is as loud in W as a sound: what a trivial system would play.

    Args:
        field: The sound, for its length and its level in each slice.
        directions: Where the wave comes from: one unit vector (x, y, z) of shape (3,), or one for each
            slice, shape (k, 3). A zero vector stands for no direction, as in `without_direction`.

    Returns:
        Field whose slices have the same mean square of W.

    Raises:
        ValueError: The directions have another shape.
    """
    if directions.shape not in ((3,), (len(field.counts), 3)):
        raise ValueError(f"expected shape (3,) or ({len(field.counts)}, 3), got {directions.shape}")
    gains = harmonics_of(directions)
    products = gains[..., :, None] * gains[..., None, :]
    return replace(field, covariances=field.covariances[:, W : W + 1, W : W + 1] * products)


def without_direction(field: SoundField) -> SoundField:
    """Give the field that a mono system plays: W as it is, and nothing else.

    Args:
        field: The sound.

    Returns:
        Field of the same mean square of W, which comes from nowhere.
    """
    return point_source(field, np.zeros(3))
