"""Everything that compares a reconstructed sound field with the one it was made from."""

import torch
from torch import Tensor

from audiospace.models.vae.full_precision import full_precision
from audiospace.training.losses.a_weighting import a_weighting
from audiospace.training.losses.config import VAELossConfig
from audiospace.training.losses.signals import CARDIOIDS, CHANNELS, OMNI, channels_and_cardioids
from audiospace.training.losses.spatial import intensity_distance
from audiospace.training.losses.stft import band_level_distance, magnitude_distance, spectrum


@full_precision
def reconstruction_losses(
    estimate: Tensor, target: Tensor, rotations: Tensor, *, config: VAELossConfig, sample_rate: int
) -> dict[str, Tensor]:
    """Compare waveforms, magnitudes, band levels and intensity vectors, each where its weight is not 0.

    Args:
        estimate: AmbiX fields, shape (batch, 4, samples).
        target: Fields of the same shape.
        rotations: How the fields are turned before magnitudes are compared, shape (batch, 3, 3).
        config: Weights and resolutions.
        sample_rate: Samples per second.

    Returns:
        Scalars, each the mean over the items, unweighted: 'channels', 'cardioids' and 'level' (means over
        the resolutions), 'intensity' and 'waveform'.
    """
    terms: dict[str, Tensor] = {}
    if config.channels or config.cardioids or config.level:
        each = [
            _at_resolution(estimate, target, rotations, size=size, config=config, sample_rate=sample_rate)
            for size in config.resolutions
        ]
        terms = {name: torch.stack([found[name] for found in each]).mean() for name in each[0]}
    if config.intensity:
        a, b = (spectrum(field, config.intensity_window, config.overlap) for field in (estimate, target))
        terms["intensity"] = intensity_distance(a, b)
    if config.waveform:
        terms["waveform"] = _waveform_distance(estimate, target)
    return terms


def _at_resolution(
    estimate: Tensor,
    target: Tensor,
    rotations: Tensor,
    *,
    size: int,
    config: VAELossConfig,
    sample_rate: int,
) -> dict[str, Tensor]:
    """The spectral terms at one window length."""
    heard = OMNI if config.omni else CHANNELS
    spectra = [spectrum(field[:, heard], size, config.overlap) for field in (estimate, target)]
    if config.perceptual:
        gain = a_weighting(size // 2 + 1, sample_rate).to(target)
        spectra = [values * gain for values in spectra]
    a, b = spectra if config.omni else (channels_and_cardioids(values, rotations) for values in spectra)
    terms = {}
    if config.channels:
        terms["channels"] = magnitude_distance(a[:, heard], b[:, heard])
    if config.cardioids:
        terms["cardioids"] = magnitude_distance(a[:, CARDIOIDS], b[:, CARDIOIDS])
    if config.level:
        terms["level"] = band_level_distance(a, b)
    return terms


def _waveform_distance(estimate: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference in units of each item's mean absolute value."""
    level = target.abs().mean(dim=(-2, -1)).clamp_min(1e-4)
    return ((estimate - target).abs().mean(dim=(-2, -1)) / level).mean()
