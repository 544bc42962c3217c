"""Batches from shards: any step at any time, the same whoever asks, with damaged samples named."""

import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice

import numpy as np

from audiospace.errors import UserError
from audiospace.models import SpatialAudioModel
from audiospace.training.batches import Place
from audiospace.training.data.addresses import Shard, find_shards
from audiospace.training.data.damage import Damage
from audiospace.training.data.identity import autoencoder_fingerprint, feature_identity, same_features
from audiospace.training.data.order import Lane, Order
from audiospace.training.data.sample import Prepared
from audiospace.training.data.sample_reader import SampleReader, Wanted, require_autoencoder, stacked
from audiospace.training.latents import LatentSet
from audiospace.vision import CUBEMAP

BLOCK = 128
"""Samples of a shard that are shuffled among each other; of a remote shard, those held in memory."""
THREADS = 4
"""Lanes that are read at the same time."""
TRIES = 100
"""Samples that may be damaged in a row."""


class ShardStream:
    """A source of batches that reads shards.

    A damaged sample's place is taken by another one, drawn from what its lane has in that epoch.

    Attributes:
        shards: The shards.
        damage: The samples that could not be used so far.

    Args:
        shards: At least one, each with samples.
        wanted: What the samples must be.
        seed: Of the shuffling.
    """

    def __init__(self, shards: Sequence[Shard], wanted: Wanted, seed: int) -> None:
        self.shards = tuple(shards)
        self.damage = Damage()
        self._wanted = wanted
        self._order = Order([shard.samples for shard in shards], seed, BLOCK)
        self._readers: dict[int, SampleReader] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(shard.samples for shard in self.shards)

    def batch(self, step: int, place: Place) -> LatentSet:
        """Give one share of a step's batch, as `BatchSource` says; any step may be asked for at any time.

        Args:
            step: Number of the step.
            place: Which share.

        Returns:
            The items, in float32.

        Raises:
            UserError: A shard cannot be read, its latents are of another autoencoder or of several lengths,
                or a lane has no sample that can be used.
        """
        lanes = self._order.lanes(place.batch_size)
        items = [self._order.lane_of(step, number, place) for number in place.numbers]
        by_lane = [tuple(group) for _, group in groupby(items, key=lambda lane: lane.number)]
        with self._lock, ThreadPoolExecutor(min(THREADS, len(by_lane))) as threads:
            parts = list(threads.map(lambda group: self._read(group, lanes), by_lane))
        return stacked([sample for part in parts for sample in part], self._wanted.branches)

    def _read(self, items: Sequence[Lane], lanes: int) -> list[Prepared]:
        """Samples that belong to one lane; no other thread reads for it."""
        number = items[0].number
        if number not in self._readers:
            self._readers[number] = SampleReader(self.shards, self._wanted, BLOCK, self.damage)
        return [self._usable(self._readers[number], lane, lanes) for lane in items]

    def _usable(self, reader: SampleReader, lane: Lane, lanes: int) -> Prepared:
        """The sample at a lane's position, or another one of that epoch."""
        for slot in islice(self._order.slots(lane, lanes), TRIES):
            sample = reader.read(slot.shard, slot.index)
            if sample is not None:
                return sample
        raise UserError(
            f"{TRIES} samples in a row, this shard's among them, cannot be used",
            file=self.shards[slot.shard].address,
            remedy="Look at the warnings above, and make the shards anew",
        )


def open_shards(
    patterns: Sequence[str], model: SpatialAudioModel, *, seed: int, branches: Collection[str] = ()
) -> ShardStream:
    """Open shards for training.

    Args:
        patterns: As `find_shards` takes them.
        model: The model that is to learn from them, its weight norm not folded.
        seed: Of the shuffling.
        branches: Video features that are read.

    Returns:
        The source of batches.

    Raises:
        UserError: There are no such shards, or they were made with another autoencoder or frame encoder.
    """
    shards, wanted = _checked(patterns, model, branches)
    return ShardStream(shards, wanted, seed)


def read_shards(
    patterns: Sequence[str], model: SpatialAudioModel, *, count: int, branches: Collection[str] = ()
) -> LatentSet:
    """Read samples spread evenly over shards into memory, for validation or for statistics.

    Args:
        patterns: As `find_shards` takes them.
        model: The model, its weight norm not folded.
        count: How many, at most.
        branches: Video features that are read.

    Returns:
        The items, in float32; damaged ones are left out.

    Raises:
        UserError: As for `open_shards`, or no sample can be used.
    """
    shards, wanted = _checked(patterns, model, branches)
    reader = SampleReader(shards, wanted, BLOCK, Damage())
    starts = np.cumsum([0, *(shard.samples for shard in shards)])
    places = np.unique(np.linspace(0, starts[-1] - 1, count).round().astype(int))
    owners = np.searchsorted(starts, places, side="right") - 1
    read = [
        reader.read(int(owner), int(at - starts[owner])) for owner, at in zip(owners, places, strict=True)
    ]
    samples = [sample for sample in read if sample is not None]
    if not samples:
        raise UserError("no sample in the shards can be used", file=shards[0].address)
    return stacked(samples, wanted.branches)


def _checked(
    patterns: Sequence[str], model: SpatialAudioModel, branches: Collection[str]
) -> tuple[tuple[Shard, ...], Wanted]:
    """Find shards and compare what their index says with the model; what has none is compared when read."""
    wanted = Wanted(autoencoder_fingerprint(model.vae), model.config.vae.latent_dim, tuple(sorted(branches)))
    shards = find_shards(patterns)
    read = feature_identity(model.config)
    for shard in shards:
        if shard.making is None:
            continue
        require_autoencoder(shard.making.autoencoder, wanted.autoencoder, shard.address)
        if branches and not same_features(shard.making.features, model.config):
            raise UserError(
                f"holds {_described(shard.making.features)}; the model reads {_described(read)}",
                file=shard.address,
                remedy="Make shards of clips with videos, with this model",
            )
        if CUBEMAP in branches and not shard.making.settings.get("cubemap"):
            raise UserError(
                "holds nothing of what is seen in cubemaps, which the model reads",
                file=shard.address,
                remedy="Make the shards again with --cubemap",
            )
    return shards, wanted


def _described(features: Mapping[str, object] | None) -> str:
    if features is None:
        return "no features of a video"
    return "features with " + ", ".join(f"{key} {value}" for key, value in features.items())
