"""Which shards are meant: files, patterns, folders, indexes, and addresses on other machines."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audiospace.errors import UserError
from audiospace.training.data.remote_shard import fetch, is_remote
from audiospace.training.data.shard_file import LocalShard
from audiospace.training.data.shard_index import INDEX_NAME, Making, ShardIndex, parse_index, read_index


@dataclass(frozen=True)
class Shard:
    """A shard and what is known of it before it is opened.

    Attributes:
        address: Path, or address on another machine.
        samples: How many it holds.
        making: How it was made, where an index says so.
    """

    address: str
    samples: int
    making: Making | None


def find_shards(patterns: Sequence[str]) -> tuple[Shard, ...]:
    """List shards.

    Args:
        patterns: Folders, their `shards.json`, tar files, patterns with * and ?, and addresses of a
            `shards.json` that the library `webdataset` can open (https://, s3://, pipe:, ...).

    Returns:
        Those that hold samples, in order, each once.

    Raises:
        UserError: A pattern matches nothing, or a file cannot be read.
    """
    shards: dict[str, Shard] = {}
    for pattern in patterns:
        for shard in _matching(pattern):
            shards.setdefault(shard.address, shard)
    found = tuple(shard for shard in shards.values() if shard.samples)
    if not found:
        raise UserError(
            f"there is no sample in {', '.join(patterns) or 'no shards at all'}",
            remedy="Make shards with: audiospace data shard DIR -o OUT",
        )
    return found


def _matching(pattern: str) -> list[Shard]:
    if is_remote(pattern):
        return _remote(pattern)
    path = Path(pattern)
    if path.is_dir():
        index = path / INDEX_NAME
        return _indexed(index) if index.is_file() else _files(sorted(path.glob("*.tar")), pattern)
    if path.suffix == ".json":
        return _indexed(path)
    matching = sorted(map(Path, glob.glob(pattern, recursive=True)))  # noqa: PTH207  Path.glob takes no absolute pattern
    return _files(matching, pattern)


def _indexed(path: Path) -> list[Shard]:
    index = read_index(path)
    return [Shard(str(path.parent / record.name), record.samples, index.making) for record in index.shards]


def _files(paths: Sequence[Path], pattern: str) -> list[Shard]:
    """Tar files, counted by the index beside them or else by looking into them."""
    if not paths:
        raise UserError("there are no shards", file=pattern)
    known: dict[Path, ShardIndex | None] = {}
    shards = []
    for path in paths:
        if path.parent not in known:
            index = path.parent / INDEX_NAME
            known[path.parent] = read_index(index) if index.is_file() else None
        shards.append(_counted(path, known[path.parent]))
    return shards


def _counted(path: Path, index: ShardIndex | None) -> Shard:
    for record in () if index is None else index.shards:
        if index is not None and record.name == path.name:
            return Shard(str(path), record.samples, index.making)
    found = len(LocalShard(path))
    if not found:
        raise UserError("is not a shard that can be read: there is no sample in it", file=path)
    return Shard(str(path), found, None)


def _remote(address: str) -> list[Shard]:
    if not address.endswith(INDEX_NAME):
        raise UserError(
            "shards on another machine are given by their index",
            file=address,
            remedy=f"Give .../{INDEX_NAME}",
        )
    index = parse_index(fetch(address), address)
    base = address.removesuffix(INDEX_NAME)
    return [Shard(base + record.name, record.samples, index.making) for record in index.shards]
