"""Samples of several shards by number, checked against the model that is to learn from them."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from audiospace.errors import UserError
from audiospace.training.data.addresses import Shard
from audiospace.training.data.damage import Damage
from audiospace.training.data.remote_shard import RemoteShard, is_remote
from audiospace.training.data.sample import DamagedSample, HalfArray, Prepared, from_members
from audiospace.training.data.shard_file import LocalShard, RawSample
from audiospace.training.latents import LatentSet

OPEN_SHARDS = 2
"""Kept open by one reader: the one it is in, and the one before, where a step may begin again."""


class OpenShard(Protocol):
    """A shard that samples can be read from."""

    def read(self, index: int) -> RawSample | None:
        """Give the files of a sample, or None behind the shard's end."""


@dataclass(frozen=True)
class Wanted:
    """What the samples must be.

    Attributes:
        autoencoder: Fingerprint of the autoencoder.
        latent_dim: Channels of a latent frame.
        branches: Video features that are read.
    """

    autoencoder: str
    latent_dim: int
    branches: tuple[str, ...]


class SampleReader:
    """Reads samples; for one thread at a time.

    Args:
        shards: The shards.
        wanted: What the samples must be.
        block: Samples of a remote shard that are held in memory.
        damage: Where damaged samples are taken down.
    """

    def __init__(self, shards: Sequence[Shard], wanted: Wanted, block: int, damage: Damage) -> None:
        self._shards = shards
        self._wanted = wanted
        self._block = block
        self._damage = damage
        self._open: OrderedDict[int, OpenShard] = OrderedDict()

    def read(self, shard: int, index: int) -> Prepared | None:
        """Read one sample.

        Args:
            shard: Number of the shard.
            index: Number of the sample in it.

        Returns:
            The sample; None, after taking it down, if it is damaged.

        Raises:
            UserError: The shard cannot be read, or the latents are of another autoencoder.
        """
        address = self._shards[shard].address
        raw = self._opened(shard).read(index)
        if raw is None:
            self._damage.add(address, f"number {index}", "the shard ends or is damaged before it")
            return None
        try:
            sample = from_members(raw.members, self._wanted.branches)
        except DamagedSample as error:
            self._damage.add(address, raw.key, str(error))
            return None
        require_autoencoder(sample.autoencoder, self._wanted.autoencoder, address)
        if len(sample.latent) != self._wanted.latent_dim:
            raise UserError(
                f"holds latents of {len(sample.latent)} channels; the model has {self._wanted.latent_dim}",
                file=address,
            )
        return sample

    def _opened(self, shard: int) -> OpenShard:
        if shard not in self._open:
            address = self._shards[shard].address
            remote = is_remote(address)
            self._open[shard] = RemoteShard(address, self._block) if remote else LocalShard(Path(address))
        self._open.move_to_end(shard)
        while len(self._open) > OPEN_SHARDS:
            self._open.popitem(last=False)
        return self._open[shard]


def require_autoencoder(found: str, wanted: str, file: str) -> None:
    """Raise unless latents are of the autoencoder that is wanted.

    Args:
        found: Fingerprint of the one that made them; empty if it is not known.
        wanted: Fingerprint of the model's.
        file: Where they are, for the message.

    Raises:
        UserError: They are of another one.
    """
    if found != wanted:
        of = f"another autoencoder ({found})" if found else "an autoencoder that it does not name"
        raise UserError(
            f"holds latents of {of}; the model has {wanted}",
            file=file,
            remedy="Make them anew with this model: audiospace data shard DIR -o OUT --model FILE",
        )


def stacked(samples: Sequence[Prepared], branches: Sequence[str]) -> LatentSet:
    """Put samples side by side.

    Args:
        samples: At least one.
        branches: The features that they have.

    Returns:
        The items, in float32.

    Raises:
        UserError: They are not of one length.
    """
    features = {name: _stack([sample.features[name] for sample in samples], name) for name in branches}
    return LatentSet(_stack([sample.latent for sample in samples], "latents"), features)


def _stack(arrays: Sequence[HalfArray], name: str) -> Tensor:
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        raise UserError(
            f"the shards hold {name} of several shapes: {sorted(shapes)}",
            remedy="Train on shards that were made with windows of one length",
        )
    return torch.from_numpy(np.stack(arrays)).float()
