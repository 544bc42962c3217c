"""The decoder for inference: the same sound from the same weights, a tile of time at a time.

At full rate a second of the published decoder's activations is 23 MB a layer; going through all of it layer
by layer waits for memory. Here each stage takes one tile through all its layers, small enough for the
processor's cache, with as many neighbours as the stage's convolutions reach. Time runs along the width of a
picture one row high, whose channels lie together in memory: the layout that convolutions are fastest in.
"""

import torch
from torch import Tensor, nn

from audiospace.models.vae.convolution import UNIT_KERNEL, ResidualUnit, is_folded
from audiospace.models.vae.decoder import Decoder, DecoderStage
from audiospace.models.vae.patches import unfold_samples
from audiospace.models.vae.receptive_field import STAGE_REACH, upsampled_from
from audiospace.models.vae.snake import Snake

TILE = 1 << 20
"""Numbers in a tile of one layer's activations on a CPU: 4 MB, a few of which fit into its outer cache."""
_LAYOUT = torch.channels_last


def _row(weight: Tensor) -> Tensor:
    """A weight of one-dimensional kernels as one of kernels one row high."""
    return weight.detach()[:, :, None].contiguous(memory_format=_LAYOUT)


def _row_convolution(layer: nn.Module) -> nn.Conv2d:
    if not isinstance(layer, nn.Conv1d):
        raise TypeError(f"a convolution expected, not {type(layer).__name__}")
    (kernel,), (dilation,), padding = layer.kernel_size, layer.dilation, layer.padding[0]
    flat = nn.Conv2d(
        layer.in_channels,
        layer.out_channels,
        (1, kernel),
        padding=(0, int(padding)),
        dilation=(1, dilation),
        bias=layer.bias is not None,
        device="meta",
    )
    flat.weight = nn.Parameter(_row(layer.weight), requires_grad=False)
    if layer.bias is not None:
        flat.bias = nn.Parameter(layer.bias.detach(), requires_grad=False)
    return flat


class _RowSnake(nn.Module):
    """`Snake` with its two parameters' exponentials taken beforehand."""

    alpha: Tensor
    gain: Tensor

    def __init__(self, snake: Snake) -> None:
        super().__init__()
        alpha, gain = snake.coefficients()
        self.register_buffer("alpha", alpha.detach()[:, :, None].clone())
        self.register_buffer("gain", gain.detach()[:, :, None].clone())

    def forward(self, x: Tensor) -> Tensor:
        """Apply the activation to x (batch, channels, 1, time)."""
        return (x * self.alpha).sin_().square_().mul_(self.gain).add_(x)


class _RowUnit(nn.Module):
    """`ResidualUnit` on (batch, channels, 1, time)."""

    def __init__(self, unit: ResidualUnit) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _RowSnake(unit.first_activation),
            _row_convolution(unit.dilated),
            _RowSnake(unit.second_activation),
            _row_convolution(unit.pointwise),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, channels, 1, time) to the same shape."""
        y: Tensor = self.layers(x)
        return y.add_(x)


class _Output(nn.Module):
    """The decoder's last activation and convolution."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.activation = _RowSnake(decoder.activation)
        self.convolution = _row_convolution(decoder.output)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, channels, 1, time) to (batch, channels out, 1, time)."""
        y: Tensor = self.convolution(self.activation(x))
        return y


class _TiledStage(nn.Module):
    """`DecoderStage` tile by tile, and in the same go the decoder's output where it is the last."""

    def __init__(self, stage: DecoderStage, output: _Output | None) -> None:
        super().__init__()
        up = stage.up
        if not isinstance(up, nn.ConvTranspose1d):
            raise TypeError(f"a transposed convolution expected, not {type(up).__name__}")
        self.stride, self.padding = up.stride[0], int(up.padding[0])
        self.activation = _RowSnake(stage.activation)
        self.up = nn.ConvTranspose2d(
            up.in_channels, up.out_channels, (1, up.kernel_size[0]), stride=(1, self.stride), device="meta"
        )
        self.up.weight = nn.Parameter(_row(up.weight), requires_grad=False)
        self.up.bias = None if up.bias is None else nn.Parameter(up.bias.detach(), requires_grad=False)
        layers = [_RowUnit(unit) for unit in stage.units if isinstance(unit, ResidualUnit)]
        self.layers = nn.Sequential(*layers, *([] if output is None else [output]))
        self.channels = up.out_channels if output is None else output.convolution.out_channels
        self.reach = STAGE_REACH + (0 if output is None else UNIT_KERNEL // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Map x (batch, channels in, 1, time) to (batch, channels, 1, time * stride)."""
        batch, _, _, frames = x.shape
        length = frames * self.stride
        shape = (batch, self.channels, 1, length)
        y = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=_LAYOUT)
        tile = self._tile(x)
        for start in range(0, length, tile):
            stop = min(start + tile, length)
            first, last = max(0, start - self.reach), min(length, stop + self.reach)
            made = self.layers(self._upsampled(x, first, last))
            y[..., start:stop] = made[..., start - first : stop - first]
        return y

    def _tile(self, x: Tensor) -> int:
        """Time steps of a tile: all of them where the memory is not a processor's."""
        if x.device.type != "cpu":
            return x.shape[-1] * self.stride
        return max(4 * self.reach, TILE // (self.up.out_channels * len(x)))

    def _upsampled(self, x: Tensor, first: int, last: int) -> Tensor:
        """The outputs `first` up to `last` of the transposed convolution."""
        begin, end = upsampled_from(first, last - 1, self.stride)
        begin, end = max(0, begin), min(x.shape[-1] - 1, end)
        y: Tensor = self.up(self.activation(x[..., begin : end + 1]))
        offset = first + self.padding - begin * self.stride
        return y[..., offset : offset + last - first]


class TiledDecoder(nn.Module):
    """`Decoder` for inference: takes over its weights, to which weight norm is no longer applied.

    Args:
        decoder: With weight norm folded.

    Raises:
        ValueError: Its weight norm is not folded.
    """

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        if not is_folded(decoder):
            raise ValueError("weight norm must be folded first")
        self.patch_size = decoder.patch_size
        self.input = _row_convolution(decoder.input)
        *coarser, finest = (stage for stage in decoder.stages if isinstance(stage, DecoderStage))
        self.stages = nn.ModuleList(_TiledStage(stage, None) for stage in coarser)
        # Steering reads the coarsest stage's features, which must not be taken for the output.
        output = _Output(decoder)
        self.stages.append(_TiledStage(finest, output if coarser else None))
        self.output = nn.Identity() if coarser else output
        self.steering = decoder.steering

    def forward(self, latents: Tensor, first_frame: int = 0) -> Tensor:
        """Turn latents into sound.

        Args:
            latents: Latents (batch, latent_dim, frames).
            first_frame: Number of the first frame within the whole sound, where only a part is decoded.

        Returns:
            Sound (batch, audio_channels, frames * hop), of any amplitude: nothing bounds it.
        """
        y = self.input(latents[:, :, None].contiguous(memory_format=_LAYOUT))
        features: Tensor | None = None
        for stage in self.stages:
            y = stage(y)
            features = y if features is None else features
        written = unfold_samples(self.output(y)[:, :, 0].contiguous(), self.patch_size)
        if self.steering is None or features is None:
            return written
        steered: Tensor = self.steering(written, features[:, :, 0].contiguous(), first_frame)
        return steered
