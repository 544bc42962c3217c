"""How far the autoencoder looks: what chunked encoding and decoding must overlap to be exact."""

import math

from audiospace.models.config import VAEConfig
from audiospace.models.parametric_config import ParametricVAEConfig
from audiospace.models.vae.convolution import DILATIONS, OUTPUT_TAPS, UNIT_KERNEL, stage_padding
from audiospace.models.vae.residual import reach

_UNIT_REACH = UNIT_KERNEL // 2
STAGE_REACH = _UNIT_REACH * sum(DILATIONS)
"""Time steps that the three residual units of a stage look to each side."""
_ANALYSIS_REACH = 2  # latent frames: one of its convolution, and the part of one that its spectra overlap


def upsampled_from(first: int, last: int, stride: int) -> tuple[int, int]:
    """Which inputs of a transposed convolution make some of its outputs.

    Args:
        first: Index of the first output.
        last: Index of the last output.
        stride: Of the convolution, whose kernel is two strides long.

    Returns:
        The first and the last input; they may lie outside the sequence.
    """
    padding = stage_padding(stride)
    # Output i * stride - padding + k, for taps k = 0 .. 2 stride - 1, comes from input i.
    return -((2 * stride - 1 - padding - first) // stride), (last + padding) // stride


def _before_stage(first: int, last: int, stride: int) -> tuple[int, int]:
    """The inputs of a decoder stage that its outputs `first` to `last` are made of."""
    return upsampled_from(first - STAGE_REACH, last + STAGE_REACH, stride)


def decoder_context(config: VAEConfig | ParametricVAEConfig) -> int:
    """Latent frames on each side of a frame that influence that frame's samples.

    Args:
        config: The autoencoder's sizes.

    Returns:
        The larger of the two sides' reaches, in latent frames.
    """
    if isinstance(config, ParametricVAEConfig):
        return _parametric_context(config)
    *finer, coarsest = config.strides
    first, last = -_UNIT_REACH, math.prod(config.strides) - 1 + _UNIT_REACH
    for stride in finer:
        first, last = _before_stage(first, last, stride)
    if config.stems:
        # Steering interpolates between neighbouring blocks and noise overlaps the block before.
        taps = OUTPUT_TAPS // 2
        first, last = min(first, -1 - taps), max(last, coarsest + taps)
    first, last = _before_stage(first, last, coarsest)
    return max(-first, last) + _UNIT_REACH


def encoder_context(config: VAEConfig | ParametricVAEConfig) -> int:
    """Latent frames' worth of samples on each side of a frame that influence its latents.

    Args:
        config: The autoencoder's sizes.

    Returns:
        The larger of the two sides' reaches, in latent frames of `config.hop` samples.
    """
    if isinstance(config, ParametricVAEConfig):
        return _parametric_context(config)
    first, last = -(OUTPUT_TAPS // 2), OUTPUT_TAPS // 2
    for stride in reversed(config.strides):
        padding = stage_padding(stride)
        first, last = first * stride - padding, last * stride - padding + 2 * stride - 1
        first, last = first - STAGE_REACH, last + STAGE_REACH
    first, last = first - _UNIT_REACH, last + _UNIT_REACH
    patches = math.prod(config.strides)
    analysis = _ANALYSIS_REACH if config.stems else 0
    return max(math.ceil(-first / patches), math.ceil((last - patches + 1) / patches), analysis)


def _parametric_context(config: ParametricVAEConfig) -> int:
    """Latent frames that either half of a parametric autoencoder looks to each side, rounded up.

    The networks at both rates, the half window beyond a spectrum, and one frame for the smoothing of measured
    directions or the interpolation of given ones.
    """
    blocks = reach(config.depth)
    return blocks + math.ceil((blocks + 1) / config.spectra_per_frame) + 1
