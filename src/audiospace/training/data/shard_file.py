"""A shard on disk: a tar file whose samples are found by their number, damaged parts and all."""

import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audiospace.errors import UserError


@dataclass(frozen=True)
class RawSample:
    """The files of a sample, unread.

    Attributes:
        key: Its name.
        members: Contents by suffix.
    """

    key: str
    members: Mapping[str, bytes]


@dataclass(frozen=True)
class Extent:
    """Where a member's contents are.

    Attributes:
        offset: Bytes from the beginning of the file.
        size: Bytes.
    """

    offset: int
    size: int


@dataclass
class Members:
    """The members of one sample, while they are collected.

    Attributes:
        key: The sample's name.
        extents: Where they are, by suffix.
    """

    key: str
    extents: dict[str, Extent] = field(default_factory=dict)


def split_name(name: str) -> tuple[str, str]:
    """Divide a member's name as WebDataset does: at the first dot after the last slash.

    Args:
        name: Of the member.

    Returns:
        The sample's key and the suffix.
    """
    folder, slash, base = name.rpartition("/")
    stem, _, suffix = base.partition(".")
    return folder + slash + stem, suffix


class LocalShard:
    """A tar file that can be read at any place.

    Its headers are read once. Behind a damaged one the search goes on at the next that is whole.

    Attributes:
        path: The file.

    Args:
        path: The file.

    Raises:
        UserError: It is not there, or cannot be opened. What is no tar file has no samples.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._samples = _scan(path)

    def __len__(self) -> int:
        return len(self._samples)

    def read(self, index: int) -> RawSample | None:
        """Read the files of a sample.

        Args:
            index: Number of the sample.

        Returns:
            Its files, a truncated one as far as it goes; None if the shard ends before.

        Raises:
            UserError: The file cannot be read any more.
        """
        if index >= len(self._samples):
            return None
        sample = self._samples[index]
        try:
            with self.path.open("rb") as file:
                members = {suffix: _read(file, extent) for suffix, extent in sample.extents.items()}
        except OSError as error:
            raise UserError(f"cannot be read ({error.strerror})", file=self.path) from error
        return RawSample(sample.key, members)


def write_shard(path: Path, samples: Iterable[tuple[str, Mapping[str, bytes]]]) -> int:
    """Write a tar file that is the same for the same samples, whoever writes it and when.

    Args:
        path: The file; it is written as it comes, so give a temporary name.
        samples: Keys and members of the samples, in order.

    Returns:
        Number of samples.
    """
    count = 0
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for key, members in samples:
            for suffix, data in members.items():
                header = tarfile.TarInfo(f"{key}.{suffix}")
                header.size = len(data)
                archive.addfile(header, io.BytesIO(data))
            count += 1
    return count


def group(members: Iterable[tarfile.TarInfo]) -> list[Members]:
    """Collect members that follow each other under one key.

    Args:
        members: In the order of the file.

    Returns:
        The samples.
    """
    samples: list[Members] = []
    for member in members:
        if not member.isfile():
            continue
        key, suffix = split_name(member.name)
        if not samples or samples[-1].key != key:
            samples.append(Members(key))
        samples[-1].extents[suffix] = Extent(member.offset_data, member.size)
    return samples


def _scan(path: Path) -> list[Members]:
    """Find the samples of a file."""
    found: list[tarfile.TarInfo] = []
    try:
        # Told to ignore zeros, tarfile also steps over damaged headers, block by block.
        with tarfile.open(path, "r:", ignore_zeros=True) as archive:
            while (member := archive.next()) is not None:
                found.append(member)
    except tarfile.TarError:
        return group(found)
    except OSError as error:
        raise UserError(f"cannot be read ({error.strerror})", file=path) from error
    return group(found)


def _read(file: io.BufferedReader, extent: Extent) -> bytes:
    file.seek(extent.offset)
    return file.read(extent.size)
