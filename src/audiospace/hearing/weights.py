"""Where the weights of published sound models are: a place that the user names, or the user's cache."""

import os
from dataclasses import dataclass
from pathlib import Path

from audiospace.errors import UserError
from audiospace.media import user_cache


@dataclass(frozen=True)
class PublishedWeights:
    """Weights that others have published and that the user brings.

    Attributes:
        title: What they are called.
        name: Their folder in the cache.
        variable: Environment variable with a file, or a folder with one, to take them from instead.
        files: Names that the file goes by, the better first.
        address: Where the file can be had.
        licence: What they may be used for.
    """

    title: str
    name: str
    variable: str
    files: tuple[str, ...]
    address: str
    licence: str

    @property
    def folder(self) -> Path:
        """Folder of the user's cache that they belong in."""
        return user_cache("weights") / self.name


def find_weights(weights: PublishedWeights) -> Path:
    """Find published weights on this disk.

    Args:
        weights: Which.

    Returns:
        The file: that of the environment variable if it is set, else the one in the user's cache.

    Raises:
        UserError: It is not there; says what to download from where and where to put it.
    """
    own = os.environ.get(weights.variable)
    place = Path(own) if own else weights.folder
    if own and place.is_file():
        return place
    for name in weights.files:
        if (place / name).is_file():
            return place / name
    elsewhere = f"or set {weights.variable} to the file"
    raise UserError(
        f"has no weights of {weights.title} ({' or '.join(weights.files)})",
        file=place,
        remedy=f"Download {weights.address} into {weights.folder}, "
        + (f"and unset {weights.variable}" if own else elsewhere),
    )
