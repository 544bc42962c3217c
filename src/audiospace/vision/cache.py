"""Features kept on disk, found again by what the video contains and not by what it is called."""

import hashlib
import json
from pathlib import Path

from audiospace.errors import UserError
from audiospace.media import KeptFiles, user_cache
from audiospace.vision.features import Features

_REVISION = 1  # raise it when the same video would give other features
_BLOCK = 1 << 20


class FeatureCache:
    """A folder of features that may be deleted at any time.

    When it grows beyond its limit, the features that were not asked for the longest are removed. A cache that
    cannot be written to is of no use but does no harm.

    Args:
        folder: Where to keep them; by default `audiospace/features` in the user's cache folder.
        limit: Bytes to keep at most.
    """

    def __init__(self, folder: str | Path | None = None, *, limit: int = 2 * 2**30) -> None:
        self._files = KeptFiles(user_cache("features") if folder is None else Path(folder), limit)

    def get(self, key: str) -> Features | None:
        """Find features.

        Args:
            key: What `feature_key` gave.

        Returns:
            The features, or None if they are not there or damaged.
        """
        return self._files.find(key, Features.load)

    def put(self, key: str, features: Features) -> bool:
        """Keep features.

        Args:
            key: What `feature_key` gave.
            features: What to keep.

        Returns:
            Whether they could be kept.
        """
        kept = self._files.keep(key, features.save)
        self._files.tidy()
        return kept


def feature_key(video: str | Path, **settings: str | float | int | bool | None) -> str:
    """Name the features of a video by its bytes and by how they are made.

    Args:
        video: The video file.
        **settings: Everything else that changes the features: encoder id, frames per second, number of tiles,
            projection, rotation.

    Returns:
        A hexadecimal SHA-256 digest.

    Raises:
        UserError: If the file cannot be read.
    """
    digest = hashlib.sha256(json.dumps({"revision": _REVISION, **settings}, sort_keys=True).encode())
    try:
        with Path(video).open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise UserError("cannot be read", file=video) from error
    return digest.hexdigest()
