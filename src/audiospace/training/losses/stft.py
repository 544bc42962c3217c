"""Multi-resolution spectral distance (Yamamoto, Song and Kim 2020)."""

import functools

import torch
from torch import Tensor

RESOLUTIONS = (2048, 512, 128)
FLOOR = 1e-7


def spectrum(signal: Tensor, size: int) -> Tensor:
    """Short-time Fourier transform with a Hann window and a hop of half of it; frames are in no order.

    The frames are two shifted reshapes of the signal rather than a strided view: the gradient of a strided
    view is several times slower than everything else in a spectral loss.

    Args:
        signal: Waveforms, shape (..., samples), `size` or more; a rest shorter than a hop is dropped.
        size: Window length in samples, even.

    Returns:
        Complex spectra, shape (..., frames, size // 2 + 1), scaled so that white noise keeps its deviation.
    """
    window = torch.hann_window(size, dtype=signal.dtype, device=signal.device)
    pieces = []
    for start in (0, size // 2):
        whole = (signal.shape[-1] - start) // size
        piece = signal[..., start : start + whole * size]
        pieces.append(piece.reshape(*signal.shape[:-1], whole, size))
    frames = torch.cat(pieces, dim=-2) * (window / window.square().sum().sqrt())
    spectra: Tensor = torch.fft.rfft(frames)
    return spectra


def magnitude_distance(estimate: Tensor, target: Tensor) -> Tensor:
    """Spectral convergence plus the mean absolute log-magnitude difference.

    Args:
        estimate: Complex spectra, shape (batch, signals, frames, bins).
        target: Spectra of the same shape.

    Returns:
        A scalar, 0 for equal magnitudes. Blind to phase.
    """
    power_a = torch.view_as_real(estimate).square().sum(dim=-1) + FLOOR
    power_b = torch.view_as_real(target).square().sum(dim=-1) + FLOOR
    a, b = power_a.sqrt(), power_b.sqrt()
    convergence = torch.linalg.vector_norm(a - b, dim=(-2, -1)) / torch.linalg.vector_norm(b, dim=(-2, -1))
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
