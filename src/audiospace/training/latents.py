"""Scenes turned into latents once, so that the flow stages never touch a waveform."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from audiospace.media import writing
from audiospace.models import Autoencoder

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """One prepared item.

    Attributes:
        sound: AmbiX field, shape (4, samples).
        features: Video features by branch, each of shape (T, ...); empty for stages without video.
    """

    sound: FloatArray
    features: Mapping[str, FloatArray]


@dataclass(frozen=True)
class LatentSet:
    """Prepared items, all of one length.

    Attributes:
        latents: Means of the autoencoder's posterior, shape (items, latent_dim, frames).
        features: Video features by branch, each of shape (items, T, ...).
    """

    latents: Tensor
    features: Mapping[str, Tensor]

    def __len__(self) -> int:
        return len(self.latents)

    def batch(self, indices: Tensor) -> "LatentSet":
        """The items of the given indices, in float32."""
        return LatentSet(
            self.latents[indices].float(),
            {name: value[indices].float() for name, value in self.features.items()},
        )


def fingerprint(*parts: object) -> str:
    """A short hash of configurations, so that a cache made under other settings is not taken up.

    Args:
        *parts: Dataclasses or plain values.

    Returns:
        Sixteen hexadecimal digits.
    """
    plain = [asdict(part) if hasattr(part, "__dataclass_fields__") else part for part in parts]  # type: ignore[call-overload]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]


def prepare(
    path: Path,
    vae: Autoencoder,
    examples: Iterator[Example],
    count: int,
    on_item: Callable[[int], None] | None = None,
) -> LatentSet:
    """Encode examples and keep them in a file; a later call with the same path reads the file.

    Args:
        path: The cache file (.npz).
        vae: The trained autoencoder.
        examples: Where the items come from, drawn only when the file is missing.
        count: How many to draw.
        on_item: Called after each item with the number done.

    Returns:
        The prepared items.
    """
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: torch.from_numpy(stored[name]) for name in stored.files}
        return LatentSet(arrays.pop("latents"), arrays)
    latents: list[FloatArray] = []
    features: dict[str, list[FloatArray]] = {}
    for number in range(count):
        example = next(examples)
        with torch.no_grad():
            mean = vae.encode(torch.from_numpy(example.sound)[None]).mean[0]
        latents.append(mean.numpy().astype(np.float16))
        for name, value in example.features.items():
            features.setdefault(name, []).append(value.astype(np.float16))
        if on_item is not None:
            on_item(number + 1)
    stacked = {"latents": np.stack(latents)} | {name: np.stack(values) for name, values in features.items()}
    _write(path, stacked)
    tensors = {name: torch.from_numpy(value) for name, value in stacked.items()}
    return LatentSet(tensors.pop("latents"), tensors)


def _write(path: Path, arrays: Mapping[str, NDArray[np.floating]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
