"""Prepared clips in WebDataset shards: made from folders, and streamed to training."""

from audiospace.training.data.damage import Damage
from audiospace.training.data.identity import autoencoder_fingerprint
from audiospace.training.data.shard_index import INDEX_NAME, LeftOut, ShardIndex, read_index
from audiospace.training.data.shard_settings import ShardSettings
from audiospace.training.data.shard_stream import ShardStream, open_shards, read_shards
from audiospace.training.data.sharding import Sharded, prepare_clips, shard_clips

__all__ = [
    "INDEX_NAME",
    "Damage",
    "LeftOut",
    "ShardIndex",
    "ShardSettings",
    "ShardStream",
    "Sharded",
    "autoencoder_fingerprint",
    "open_shards",
    "prepare_clips",
    "read_index",
    "read_shards",
    "shard_clips",
]
