"""PaSST's labels as the published divergences use them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from audiospace.errors import UserError
from audiospace.hearing.embedder import Heard
from audiospace.hearing.mono import published_mono
from audiospace.hearing.passt_frontend import SAMPLE_RATE, log_mel
from audiospace.hearing.passt_network import PasstNetwork, network_of
from audiospace.hearing.weights import PublishedWeights, find_weights
from audiospace.media import file_sha256

PASST = PublishedWeights(
    title="PaSST (passt-s-swa-p16-128-ap476)",
    name="passt",
    variable="AUDIOSPACE_PASST",
    files=("passt-s-f128-p16-s10-ap.476-swa.safetensors", "passt-s-f128-p16-s10-ap.476-swa.pt"),
    address="https://github.com/kkoutini/PaSST/releases/download/v0.0.1-audioset/passt-s-f128-p16-s10-ap.476-swa.pt",
    licence="Apache-2.0",
)
"""The checkpoint that hear21passt loads by default, 340 MB."""

_WINDOW, _HOP = 10 * SAMPLE_RATE, 5 * SAMPLE_RATE
_SHORTEST_FILLED = int(0.15 * _WINDOW)
_SHORTEST = SAMPLE_RATE // 5
_UNREADABLE = (OSError, EOFError, ValueError, LookupError, RuntimeError, SafetensorError, UnpicklingError)


class Passt:
    """PaSST-S trained on the 527 labels of AudioSet, in windows of 10 s every 5 s, as published.

    The checkpoint names no labels, so they are numbered in AudioSet's order.

    Args:
        path: The weights; by default those that `find_weights` finds.
        device: Where to compute.

    Raises:
        UserError: There are no weights, or they are those of something else.
    """

    sample_rate = SAMPLE_RATE
    title = "PaSST (S, AudioSet)"
    comparable = True

    def __init__(self, path: Path | None = None, *, device: str = "cpu") -> None:
        file = path or find_weights(PASST)
        self._network = _load(file).to(device)
        self._device = device
        self.dimensions = self._network.sizes.width
        self.labels: tuple[str, ...] | None = tuple(
            f"audioset-{index}" for index in range(self._network.sizes.labels)
        )
        self.id = f"passt-{file_sha256(file)[:16]}"

    def hear(self, sound: NDArray[np.floating]) -> Heard:
        """Recognise a sound.

        Args:
            sound: Shape (channels, n), at 32 kHz. The mean of the channels is heard, which of AmbiX is not W;
                see `published_mono`.

        Returns:
            Embeddings of shape (windows, 768), logits of shape (527,): the mean over the windows. The
            published divergence is of the softmax of these, although the network was trained with a sigmoid
            for each label.

        Raises:
            ValueError: The array has another shape, or no samples.
        """
        mono = published_mono(sound)
        with torch.inference_mode():
            outputs = [
                self._network(log_mel(torch.tensor(window, device=self._device))[None, None])
                for window in windows_of(mono)
            ]
        embeddings = torch.cat([output.embeddings for output in outputs])
        logits = torch.cat([output.logits for output in outputs]).mean(dim=0)
        return Heard(embeddings=embeddings.cpu().numpy(), logits=logits.cpu().numpy())


def windows_of(samples: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Cut a sound into the windows of the published script.

    A window begins every 5 s as long as more than 5 s are left, and at least once; the last one is filled up
    with silence. A sound of 1.5 s or less is left as short as it is, but for at least 0.2 s that the network
    needs.

    Args:
        samples: Shape (n,), at 32 kHz.

    Yields:
        Windows of 10 s, or the one short one.
    """
    for start in range(0, max(_HOP, len(samples) - _HOP), _HOP):
        window = samples[start : start + _WINDOW]
        length = _WINDOW if len(window) > _SHORTEST_FILLED else max(len(window), _SHORTEST)
        yield np.pad(window, (0, length - len(window)))


def _load(path: Path) -> PasstNetwork:
    try:
        return network_of(_read(path))
    except _UNREADABLE as error:
        raise UserError(
            "does not hold PaSST's weights", file=path, remedy=f"Download {PASST.address}"
        ) from error


def _read(path: Path) -> Mapping[str, Tensor]:
    if path.suffix == ".safetensors":
        tensors: Mapping[str, Tensor] = load_file(path)
        return tensors
    stored = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(stored, Mapping):
        raise ValueError("not a mapping")
    inner = stored.get("model", stored)
    if not isinstance(inner, Mapping):
        raise ValueError("its model is not a mapping")
    return {name: value.float() for name, value in inner.items() if isinstance(value, Tensor)}
