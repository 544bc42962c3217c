"""Weight-normalised convolutions, and what turns them into plain ones for inference."""

from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import weight_norm

from audiospace.models.vae.snake import Snake

DILATIONS = (1, 3, 9)
UNIT_KERNEL = 7
OUTPUT_TAPS = 3


def _normalised(layer: nn.Module) -> nn.Module:
    """The layer, its weight now a norm per index of dimension 0 times a direction (Salimans, Kingma 2016)."""
    normalised: nn.Module = weight_norm(layer, dim=0)
    return normalised


def convolution(
    channels_in: int, channels_out: int, kernel: int, *, dilation: int = 1, bias: bool = True
) -> nn.Module:
    """A weight-normalised convolution of odd kernel that keeps the length, padded with zeros.

    Args:
        channels_in: Of the input (batch, channels_in, time).
        channels_out: Of the output (batch, channels_out, time).
        kernel: Odd number of taps.
        dilation: Distance between taps.
        bias: Whether there is one.

    Returns:
        The layer.
    """
    padding = dilation * (kernel // 2)
    return _normalised(
        nn.Conv1d(channels_in, channels_out, kernel, padding=padding, dilation=dilation, bias=bias)
    )


def stage_padding(stride: int) -> int:
    """Zeros on each side of a strided convolution whose kernel is two strides long."""
    return (stride + 1) // 2


def downsampling(channels_in: int, channels_out: int, stride: int) -> nn.Module:
    """A weight-normalised strided convolution: whole multiples of `stride` shrink exactly that much."""
    padding = stage_padding(stride)
    return _normalised(nn.Conv1d(channels_in, channels_out, 2 * stride, stride=stride, padding=padding))


def upsampling(channels_in: int, channels_out: int, stride: int) -> nn.Module:
    """A weight-normalised transposed convolution: time grows exactly `stride` times.

    The norm is taken per input channel (dimension 0 of the weight), as in the published model.
    """
    layer = nn.ConvTranspose1d(
        channels_in,
        channels_out,
        2 * stride,
        stride=stride,
        padding=stage_padding(stride),
        output_padding=stride % 2,
    )
    return _normalised(layer)


class ResidualUnit(nn.Module):
    """x + conv1(snake(conv7(snake(x)))), the second convolution of one tap.

    Args:
        channels: Of input and output (batch, channels, time).
        dilation: Of the first convolution.
    """

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.first_activation = Snake(channels)
        self.dilated = convolution(channels, channels, UNIT_KERNEL, dilation=dilation)
        self.second_activation = Snake(channels)
        self.pointwise = convolution(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, channels, time) to the same shape."""
        y: Tensor = self.pointwise(self.second_activation(self.dilated(self.first_activation(x))))
        return x + y


def residual_units(channels: int) -> nn.Sequential:
    """The three residual units of a stage."""
    return nn.Sequential(*(ResidualUnit(channels, dilation) for dilation in DILATIONS))


def is_folded(module: nn.Module) -> bool:
    """Whether no layer of the module computes its weight from a norm and a direction any more."""
    return not any(parametrize.is_parametrized(layer) for layer in module.modules())


def fold_weight_norm(module: nn.Module) -> None:
    """Replace every weight-normalised layer's norm and direction by the weight they stand for, in place.

    The output is unchanged and each call saves recomputing the weights. Training is meant to be over: the
    norm and direction are gone. Folding twice does nothing.

    Args:
        module: An autoencoder or any part of one.
    """
    for layer in module.modules():
        if parametrize.is_parametrized(layer, "weight"):
            parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
