"""How far the autoencoder looks: what chunked encoding and decoding must overlap to be exact."""

import math
from collections.abc import Iterator

from audiospace.models.config import VAEConfig
from audiospace.models.vae.convolution import DILATIONS, OUTPUT_TAPS, UNIT_KERNEL, stage_padding

_UNIT_REACH = UNIT_KERNEL // 2
_STAGE_REACH = _UNIT_REACH * sum(DILATIONS)


def _finest_first(config: VAEConfig) -> Iterator[tuple[int, int]]:
    return ((stride, stage_padding(stride)) for stride in config.strides)


def decoder_context(config: VAEConfig) -> int:
    """Latent frames on each side of a frame that influence that frame's samples.

    Args:
        config: The autoencoder's sizes.

    Returns:
        The larger of the two sides' reaches, in latent frames.
    """
    first, last = 0, math.prod(config.strides) - 1
    first, last = first - _UNIT_REACH, last + _UNIT_REACH
    for stride, padding in _finest_first(config):
        first, last = first - _STAGE_REACH, last + _STAGE_REACH
        # Output i * stride - padding + k, for taps k = 0 .. 2 stride - 1, comes from input i.
        first, last = -((2 * stride - 1 - padding - first) // stride), (last + padding) // stride
    return max(-first, last) + _UNIT_REACH


def encoder_context(config: VAEConfig) -> int:
    """Latent frames' worth of samples on each side of a frame that influence its latents.

    Args:
        config: The autoencoder's sizes.

    Returns:
        The larger of the two sides' reaches, in latent frames of `config.hop` samples.
    """
    first, last = -(OUTPUT_TAPS // 2), OUTPUT_TAPS // 2
    for stride, padding in reversed(list(_finest_first(config))):
        first, last = first * stride - padding, last * stride - padding + 2 * stride - 1
        first, last = first - _STAGE_REACH, last + _STAGE_REACH
    first, last = first - _UNIT_REACH, last + _UNIT_REACH
    patches = math.prod(config.strides)
    return max(math.ceil(-first / patches), math.ceil((last - patches + 1) / patches))
