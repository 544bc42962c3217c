"""An autoencoder of mono or stereo sound as the first state of one of sound fields.

The lift of `ambisonics.from_stereo` is W = (L + R) / 2, Y = (L - R) / 2, so L = W + Y and R = W - Y. Put
before the first convolution and behind the last one this gives weights for W and Y: a lifted sound has the
latents that it had as stereo, and comes back as the lifted reconstruction. Z and X start without a part in
either.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

AMBISONIC = 4
INPUT, OUTPUT = "encoder.input", "decoder.output"
MAGNITUDE, DIRECTION = "parametrizations.weight.original0", "parametrizations.weight.original1"


def channels_of(state: Mapping[str, Tensor], patch_size: int = 1) -> int:
    """How many channels the sound of an autoencoder has.

    Args:
        state: Of an `AudioVAE` with weight norm.
        patch_size: Samples that its first convolution takes at once.

    Returns:
        The number.
    """
    return state[f"{INPUT}.{DIRECTION}"].shape[1] // patch_size


def expand_channels(state: Mapping[str, Tensor], patch_size: int = 1) -> dict[str, Tensor]:
    """Widen the first and the last convolution from one or two channels to the four of a sound field.

    Args:
        state: Of an `AudioVAE` of mono or stereo sound, with weight norm.
        patch_size: Samples that its first convolution takes at once.

    Returns:
        The state of an `AudioVAE` of the same sizes with four channels; all but the two layers is as before.

    Raises:
        ValueError: The autoencoder has neither one channel nor two.
    """
    channels = channels_of(state, patch_size)
    if channels not in (1, 2):
        raise ValueError(f"an autoencoder with {channels} channels cannot be expanded, only one with 1 or 2")
    first, last = _weight(state, INPUT), _weight(state, OUTPUT)
    first = first.reshape(len(first), channels, patch_size, -1)  # output, channel, sample of a patch, tap
    last = last.reshape(channels, patch_size, *last.shape[1:])  # channel, sample of a patch, input, tap
    wide_input = torch.einsum("ac,oc...->oa...", _heard(channels).to(first), first).flatten(1, 2)
    wide_output = torch.einsum("ac,c...->a...", _written(channels).to(last), last).flatten(0, 1)
    silent = wide_output.flatten(1).norm(dim=1)[:, None, None] == 0
    likeness = last[0].repeat(AMBISONIC, 1, 1)
    return (
        dict(state)
        | _normalised(INPUT, wide_input, wide_input)
        | _normalised(OUTPUT, wide_output, torch.where(silent, likeness, wide_output))
    )


def _heard(channels: int) -> Tensor:
    """Gains (4, channels) of the old input weights in those of W, Y, Z, X: left is W + Y, right is W - Y."""
    gains = torch.zeros(AMBISONIC, channels)
    gains[0] = 1.0
    if channels == 2:
        gains[1] = torch.tensor([1.0, -1.0])
    return gains


def _written(channels: int) -> Tensor:
    """Gains (4, channels) of the old output channels in W, Y, Z, X, as `from_mono` and `from_stereo` lift."""
    return _heard(channels) / channels


def _weight(state: Mapping[str, Tensor], layer: str) -> Tensor:
    """The weight that a norm and a direction stand for (Salimans and Kingma 2016), norms over dimension 0."""
    magnitude, direction = state[f"{layer}.{MAGNITUDE}"].float(), state[f"{layer}.{DIRECTION}"].float()
    weight: Tensor = direction * (magnitude / direction.flatten(1).norm(dim=1)[:, None, None])
    return weight


def _normalised(layer: str, weight: Tensor, direction: Tensor) -> dict[str, Tensor]:
    """A weight as norm and direction; where it is zero the direction only says where it may grow."""
    magnitude = weight.flatten(1).norm(dim=1)[:, None, None]
    return {f"{layer}.{MAGNITUDE}": magnitude, f"{layer}.{DIRECTION}": direction.contiguous()}
