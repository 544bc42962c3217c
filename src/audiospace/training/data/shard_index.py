"""`shards.json`: what a folder of shards holds, how it was made, and what was left out."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audiospace.errors import UserError
from audiospace.media import writing

INDEX_NAME = "shards.json"
FORMAT = 1


@dataclass(frozen=True)
class LeftOut:
    """Something that is not among the samples.

    Attributes:
        name: Of the clip, or of the sample.
        reason: Why, in one line.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class ShardRecord:
    """One finished shard.

    Attributes:
        name: Of the file.
        samples: How many it holds.
        bytes: Its size.
        clips: Digest of the clips that it was made from.
        left_out: Damaged clips and silent stretches.
    """

    name: str
    samples: int
    bytes: int
    clips: str
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Making:
    """How shards were made: two that differ here do not belong together.

    Attributes:
        autoencoder: Fingerprint of the autoencoder.
        model: Name of the model that it is part of.
        features: The frame encoder and its rate, as `feature_identity` gives them; None without video.
        frames: Latent frames of a sample.
        settings: What else was chosen.
    """

    autoencoder: str
    model: str
    features: Mapping[str, object] | None
    frames: int
    settings: Mapping[str, object]


@dataclass(frozen=True)
class ShardIndex:
    """What `shards.json` says.

    Attributes:
        making: How the shards were made.
        shards: The finished ones.
    """

    making: Making
    shards: tuple[ShardRecord, ...]

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return sum(shard.samples for shard in self.shards)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """All that was left out."""
        return tuple(item for shard in self.shards for item in shard.left_out)


def write_index(path: Path, index: ShardIndex) -> None:
    """Write an index, whole or not at all.

    Args:
        path: The file.
        index: What to write.

    Raises:
        UserError: It cannot be written.
    """
    tree = {
        "format": FORMAT,
        "samples": index.samples,
        "left_out": len(index.left_out),
        "making": asdict(index.making),
        "shards": [asdict(shard) for shard in sorted(index.shards, key=lambda shard: shard.name)],
    }
    with writing(path) as temporary:
        temporary.write_text(json.dumps(tree, indent=1, ensure_ascii=False), encoding="utf-8")


def read_index(path: Path) -> ShardIndex:
    """Read an index.

    Args:
        path: The file.

    Returns:
        What it says.

    Raises:
        UserError: It cannot be read, or is none.
    """
    try:
        return parse_index(path.read_bytes(), path)
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=path) from error


def parse_index(data: bytes, path: str | Path) -> ShardIndex:
    """Understand an index.

    Args:
        data: Contents of the file.
        path: Where they come from, for the message.

    Returns:
        What it says.

    Raises:
        UserError: It is none.
    """
    try:
        tree = json.loads(data)
        if tree["format"] != FORMAT:
            raise UserError(
                f"is an index of format {tree['format']}, which this version does not know", file=path
            )
        return ShardIndex(Making(**tree["making"]), tuple(map(record_from, tree["shards"])))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            "is not an index of shards", file=path, remedy="Make it anew with: audiospace data shard"
        ) from error


def record_from(tree: Mapping[str, Any]) -> ShardRecord:
    """Understand what is known of one shard.

    Args:
        tree: As `dataclasses.asdict` gives it.

    Returns:
        The record.

    Raises:
        ValueError: The name is not that of a tar file beside the index; it may become part of a command.
        KeyError: Something is missing.
        TypeError: Something is unknown.
    """
    record = ShardRecord(**{**tree, "left_out": tuple(LeftOut(**item) for item in tree["left_out"])})
    if not re.fullmatch(r"\w[\w.-]*\.tar", record.name, re.ASCII):
        raise ValueError(f"{record.name!r} is not the name of a shard")
    return record
