"""Multi-resolution spectral distance (Yamamoto, Song and Kim 2020)."""

import functools

import torch
from torch import Tensor

FLOOR = 1e-7
"""Power below which a bin counts as silent; a sound of full scale has about 1."""
SILENT_SHARE = 0.05
"""A signal fainter than this share of the item's loudest one is measured against that share of it."""


def spectrum(signal: Tensor, size: int, overlap: int = 2) -> Tensor:
    """Short-time Fourier transform with a Hann window.

    The frames are shifted reshapes of the signal rather than a strided view: the gradient of a strided view
    is several times slower than everything else in a spectral loss.

    Args:
        signal: Waveforms, shape (..., samples), `shortest_signal(size, overlap)` samples or more.
        size: Window length in samples, a multiple of `overlap`.
        overlap: Frames per window length; the hop is `size // overlap`.

    Returns:
        Complex spectra, shape (..., frames, size // 2 + 1), frames in order, scaled so that white noise keeps
        its deviation. Nothing is padded: an incomplete last window is dropped.

    Raises:
        ValueError: The signal is too short.
    """
    hop = size // overlap
    count = (signal.shape[-1] - (overlap - 1) * hop) // size
    if count < 1:
        raise ValueError(f"{signal.shape[-1]} samples are less than {shortest_signal(size, overlap)}")
    window = torch.hann_window(size, dtype=signal.dtype, device=signal.device)
    starts = range(0, overlap * hop, hop)
    leading = signal.shape[:-1]
    shifted = [signal[..., at : at + count * size].reshape(*leading, count, size) for at in starts]
    frames = torch.stack(shifted, dim=-2).flatten(-3, -2)
    spectra: Tensor = torch.fft.rfft(frames * (window / window.square().sum().sqrt()))
    return spectra


def shortest_signal(size: int, overlap: int = 2) -> int:
    """Samples that `spectrum` needs at least."""
    return size + (overlap - 1) * (size // overlap)


def magnitude_distance(estimate: Tensor, target: Tensor) -> Tensor:
    """Spectral convergence plus the mean absolute log-magnitude difference.

    The convergence of a signal that is nearly silent, such as a cardioid that points away from the only
    source, is taken relative to a share of the loudest signal of the item instead of to next to nothing.

    Args:
        estimate: Complex spectra, shape (batch, signals, frames, bins).
        target: Spectra of the same shape.

    Returns:
        A scalar, 0 for equal magnitudes. Blind to phase.
    """
    power_a = torch.view_as_real(estimate).square().sum(dim=-1) + FLOOR
    power_b = torch.view_as_real(target).square().sum(dim=-1) + FLOOR
    a, b = power_a.sqrt(), power_b.sqrt()
    level = torch.linalg.vector_norm(b, dim=(-2, -1))
    level = torch.maximum(level, SILENT_SHARE * level.amax(dim=1, keepdim=True))
    convergence = torch.linalg.vector_norm(a - b, dim=(-2, -1)) / level
    logarithmic = 0.5 * (power_a.log() - power_b.log()).abs().mean()
    distance: Tensor = convergence.mean() + logarithmic
    return distance


def band_level_distance(estimate: Tensor, target: Tensor, bands: int = 24) -> Tensor:
    """Mean absolute difference of band levels, in nepers of power.

    Unlike a bin-by-bin distance it is the same for two draws of one noise, so it fixes the level of what
    has no repeatable waveform.

    Args:
        estimate: Complex spectra, shape (batch, signals, frames, bins).
        target: Spectra of the same shape.
        bands: About how many bands, equally wide on a logarithmic axis.

    Returns:
        A scalar, 0 for equal band levels.
    """
    members = band_members(estimate.shape[-1], bands).to(estimate.real)
    a = torch.view_as_real(estimate).square().sum(dim=-1) @ members
    b = torch.view_as_real(target).square().sum(dim=-1) @ members
    distance: Tensor = ((a + FLOOR).log() - (b + FLOOR).log()).abs().mean()
    return distance


@functools.lru_cache(maxsize=8)
def band_members(bins: int, bands: int) -> Tensor:
    """Sort frequency bins into bands that are equally wide on a logarithmic axis.

    Args:
        bins: Frequency bins.
        bands: About how many bands; narrow ones that would share a bin are merged.

    Returns:
        Membership, shape (bins, bands or fewer), ones and zeros.
    """
    edges = torch.logspace(0, torch.log10(torch.tensor(float(bins))), bands + 1).round().long()
    edges = torch.unique(edges)
    index = torch.arange(bins)[:, None]
    members: Tensor = ((index >= edges[:-1]) & (index < edges[1:])).float()
    return members
