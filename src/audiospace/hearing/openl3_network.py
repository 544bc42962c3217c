"""The audio half of OpenL3 (Cramer et al., "Look, Listen, and Learn More", ICASSP 2019) in torch."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

KerasLayer = dict[str, NDArray[np.float32]]
"""Arrays of one Keras layer by their names: kernel and bias, or gamma, beta, moving_mean, moving_variance."""

WIDTHS = (64, 128, 256, 512)
"""Channels of the four blocks."""

_KERAS_EPSILON = 1e-3
_NAMES = {
    nn.Conv2d: {"weight": "kernel", "bias": "bias"},
    nn.BatchNorm2d: {
        "weight": "gamma",
        "bias": "beta",
        "running_mean": "moving_mean",
        "running_var": "moving_variance",
    },
}


class OpenL3Network(nn.Module):
    """Four blocks of two 3 x 3 convolutions each, halving time and frequency between them; then the maximum.

    The published network pools over 32 x 24 points to get 512 numbers. That is all there is at its input of
    256 bands and 199 times, so here the maximum is taken over everything.

    Args:
        widths: Channels of each block; other ones than the published are for tests.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.dimensions = widths[-1]
        layers: list[nn.Module] = [nn.BatchNorm2d(1, eps=_KERAS_EPSILON)]
        for before, width in zip((1, *widths), widths, strict=False):
            layers += [nn.Conv2d(before, width, 3, padding=1), *_activated(width)]
            layers += [nn.Conv2d(width, width, 3, padding=1), *_activated(width), nn.MaxPool2d(2)]
        self.layers = nn.Sequential(*layers[:-3])

    def forward(self, spectrograms: Tensor) -> Tensor:
        """Embed.

        Args:
            spectrograms: Shape (n, 1, bands, times), decibels in [-80, 0].

        Returns:
            Shape (n, width of the last block).
        """
        points: Tensor = self.layers(spectrograms)
        return points.amax(dim=(2, 3))


def network_of(keras_layers: list[KerasLayer]) -> OpenL3Network:
    """Build the network from the layers that Keras stored.

    Args:
        keras_layers: In order; kernels are (height, width, in, out).

    Returns:
        The network, ready to embed.

    Raises:
        ValueError: They are not the layers of this network.
    """
    kernels = [layer["kernel"] for layer in keras_layers if "kernel" in layer]
    if len(kernels) != 2 * len(WIDTHS):
        raise ValueError(f"{len(kernels)} convolutions instead of {2 * len(WIDTHS)}")
    network = OpenL3Network(tuple(kernel.shape[-1] for kernel in kernels[::2]))
    mine = [layer for layer in network.layers if type(layer) in _NAMES]
    if len(mine) != len(keras_layers):
        raise ValueError(f"{len(keras_layers)} layers with weights instead of {len(mine)}")
    for index, (layer, stored) in enumerate(zip(mine, keras_layers, strict=True)):
        _fill(layer, stored, index)
    return network.eval().requires_grad_(False)


def _activated(width: int) -> list[nn.Module]:
    return [nn.BatchNorm2d(width, eps=_KERAS_EPSILON), nn.ReLU()]


def _fill(layer: nn.Module, stored: KerasLayer, index: int) -> None:
    target = layer.state_dict()
    for name, keras_name in _NAMES[type(layer)].items():
        if keras_name not in stored:
            raise ValueError(f"layer {index} has no {keras_name}")
        values = torch.from_numpy(stored[keras_name])
        if values.dim() == 4:
            values = values.permute(3, 2, 0, 1)
        if values.shape != target[name].shape:
            raise ValueError(f"{keras_name} of layer {index} has shape {tuple(stored[keras_name].shape)}")
        target[name].copy_(values)
