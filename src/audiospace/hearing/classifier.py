"""The judge's network: log-mel pictures to an embedding and to logits of kinds of sound."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class ClassifierShape:
    """Sizes of the network; they travel with the weights.

    Attributes:
        widths: Channels of the stages; each stage halves time and frequency.
        dimensions: Length of an embedding.
        labels: Number of labels.
    """

    widths: tuple[int, ...] = (16, 32, 64, 128)
    dimensions: int = 128
    labels: int = 28


class SoundClassifier(nn.Module):
    """A residual convolutional network with pooling over time and frequency.

    Residual blocks follow He et al. 2016. The last picture is averaged over frequency, then averaged and
    maximised over time, as Kong et al. 2020 ("PANNs") do for sounds that last and sounds that are brief.
    A second input holds each band's place, because averaging would forget it (Liu et al. 2018, "CoordConv").

    Args:
        shape: Sizes.
    """

    def __init__(self, shape: ClassifierShape) -> None:
        super().__init__()
        self.shape = shape
        layers: list[nn.Module] = [_convolution(2, shape.widths[0], stride=2), nn.ReLU(inplace=True)]
        for before, after in zip(shape.widths, shape.widths[1:], strict=False):
            layers += [_convolution(before, after, stride=2), nn.ReLU(inplace=True), _Residual(after)]
        self.stages = nn.Sequential(*layers)
        self.embedding = nn.Linear(2 * shape.widths[-1], shape.dimensions)
        self.logits = nn.Linear(shape.dimensions, shape.labels)

    def embed(self, pictures: Tensor) -> Tensor:
        """Embed pictures.

        Args:
            pictures: From `LogMel`, shape (batch, frames, bands), both at least 16.

        Returns:
            Shape (batch, dimensions).
        """
        places = torch.linspace(-1.0, 1.0, pictures.shape[-1], device=pictures.device).expand_as(pictures)
        seen = self.stages(torch.stack([pictures, places], dim=1)).mean(dim=-1)
        pooled = torch.cat([seen.mean(dim=-1), seen.amax(dim=-1)], dim=-1)
        embedding: Tensor = self.embedding(pooled)
        return embedding

    def classify(self, embeddings: Tensor) -> Tensor:
        """Logits of embeddings, shape (batch, dimensions) to (batch, labels)."""
        logits: Tensor = self.logits(torch.relu(embeddings))
        return logits

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures, shape (batch, frames, bands), to logits, shape (batch, labels)."""
        return self.classify(self.embed(pictures))


def _convolution(before: int, after: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after)
    )


class _Residual(nn.Module):
    """Two convolutions whose result is added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _convolution(width, width), nn.ReLU(inplace=True), _convolution(width, width)
        )

    def forward(self, seen: Tensor) -> Tensor:
        """Shape (batch, width, T, F) to the same shape."""
        return torch.relu(seen + self.body(seen))
