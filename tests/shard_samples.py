"""Small shards without a model behind them."""

from pathlib import Path

import numpy as np

from audiospace.training.data.sample import Sample, to_members
from audiospace.training.data.shard_file import write_shard
from audiospace.training.data.shard_index import Making, ShardIndex, ShardRecord, write_index

FRAMES, ROWS = 5, 3


def sample(number: int, autoencoder: str, *, channels: int = 8) -> Sample:
    """A sample whose numbers all say which it is."""
    latent = np.full((channels, FRAMES), number, dtype=np.float16)
    features = {
        "sphere": np.full((ROWS, 4, 2), number, dtype=np.float16),
        "fov": np.ones((ROWS, 2), np.float16),
    }
    return Sample(f"s{number:03d}", latent, features, np.arange(ROWS) / 2, {"autoencoder": autoencoder})


def members(number: int, autoencoder: str) -> tuple[str, dict[str, bytes]]:
    """The files of a sample."""
    return f"s{number:03d}", to_members(sample(number, autoencoder))


def make_shards(folder: Path, counts, autoencoder: str = "abc", features=None, *, index: bool = True) -> Path:
    """Shards with so many samples each, numbered through."""
    folder.mkdir(parents=True, exist_ok=True)
    records, number = [], 0
    for shard, count in enumerate(counts):
        path = folder / f"shard-{shard:06d}.tar"
        write_shard(path, (members(number + at, autoencoder) for at in range(count)))
        records.append(ShardRecord(path.name, count, path.stat().st_size, "key"))
        number += count
    if index:
        write_index(
            folder / "shards.json",
            ShardIndex(Making(autoencoder, "tiny", features, FRAMES, {}), tuple(records)),
        )
    return folder
