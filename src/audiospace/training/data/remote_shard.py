"""Shards on other machines, read from their beginning as a stream.

The library `webdataset` opens the addresses (https://, s3 and the like through their command-line programs,
pipe:); what it opens is read here, so that the order does not depend on where a shard lies.
"""

import itertools
import tarfile
from collections.abc import Iterator
from contextlib import closing
from typing import IO

from audiospace.errors import MissingExtraError, UserError
from audiospace.training.data.shard_file import RawSample, split_name

PIPE = "pipe:"


def is_remote(address: str) -> bool:
    """Tell whether an address leads to another machine."""
    return address.startswith(PIPE) or "://" in address


def fetch(address: str) -> bytes:
    """Read a small file as a whole.

    Args:
        address: Where it is.

    Returns:
        Its contents.

    Raises:
        UserError: It cannot be read.
        MissingExtraError: The library that opens addresses is not installed.
    """
    try:
        with closing(_open(address)) as stream:
            return stream.read()
    except OSError as error:
        raise _unreachable(address) from error


class RemoteShard:
    """A tar file read in order, a block of samples at a time.

    Asking for a sample before the current block begins the file again.

    Attributes:
        address: Where it is.
        block: Samples held at a time.

    Args:
        address: Where it is.
        block: Samples held at a time.
    """

    def __init__(self, address: str, block: int) -> None:
        self.address = address
        self.block = block
        self._held: list[RawSample] = []
        self._number = -1
        self._stream: Iterator[RawSample] = iter(())

    def read(self, index: int) -> RawSample | None:
        """Give the files of a sample.

        Args:
            index: Number of the sample.

        Returns:
            Its files; None if the shard ends before, or cannot be understood from some place before.

        Raises:
            UserError: The address cannot be read from.
        """
        number, offset = divmod(index, self.block)
        if number < self._number or self._number < 0:
            self._number, self._stream = -1, _samples(self.address)
        while self._number < number:
            self._held = list(itertools.islice(self._stream, self.block))
            self._number += 1
        return self._held[offset] if offset < len(self._held) else None


def _samples(address: str) -> Iterator[RawSample]:
    """The samples of a stream, up to its end or to where it is damaged."""
    key: str | None = None
    members: dict[str, bytes] = {}
    for name, data in _members(address):
        owner, suffix = split_name(name)
        if owner != key and key is not None:
            yield RawSample(key, members)
            members = {}
        key = owner
        members[suffix] = data
    if key is not None:
        yield RawSample(key, members)


def _members(address: str) -> Iterator[tuple[str, bytes]]:
    try:
        with closing(_open(address)) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                contents = archive.extractfile(member)
                if contents is not None:
                    yield member.name, contents.read()
    except tarfile.TarError:
        return
    except OSError as error:
        raise _unreachable(address) from error


def _open(address: str) -> IO[bytes]:
    try:
        from webdataset import gopen
    except ImportError as error:
        raise MissingExtraError("reading shards from another machine", "shards") from error
    try:
        stream: IO[bytes] = gopen(address)
    except ValueError as error:
        raise UserError("is an address of an unknown kind", file=address) from error
    return stream


def _unreachable(address: str) -> UserError:
    return UserError("cannot be read from", file=address, remedy="Check the address, or copy the shards here")
