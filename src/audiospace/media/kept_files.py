"""Results kept as files in the user's cache, for another run to find: they may be deleted at any time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from audiospace.errors import UserError
from audiospace.media.user_cache import prune, user_cache

Result = TypeVar("Result")


@dataclass(frozen=True)
class KeptFiles:
    """A folder of .npz files that is no more than a convenience: where it fails, work is done again.

    Attributes:
        folder: Where they are; made when the first is kept.
        limit: Bytes to keep at most.
    """

    folder: Path
    limit: int

    @classmethod
    def named(cls, name: str, limit: int) -> "KeptFiles":
        """One of this project's folders in the user's cache.

        Args:
            name: Of the folder.
            limit: Bytes to keep at most.

        Returns:
            The folder's keeper.
        """
        return cls(user_cache(name), limit)

    def find(self, key: str, load: Callable[[Path], Result]) -> Result | None:
        """Give what was kept, and note that it was asked for.

        Args:
            key: Its name, made of all that changes it.
            load: Reads the file; raises `UserError` where it is missing or damaged.

        Returns:
            The result, or None if there is none that can be read.
        """
        path = self._path(key)
        try:
            found = load(path)
            path.touch()
        except (UserError, OSError):
            return None
        return found

    def keep(self, key: str, save: Callable[[Path], None]) -> bool:
        """Keep a result.

        Args:
            key: Its name, as for `find`.
            save: Writes the file, whole or not at all; raises `UserError` where it cannot.

        Returns:
            Whether it could be kept.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            save(self._path(key))
        except (UserError, OSError):
            return False
        return True

    def tidy(self) -> None:
        """Remove the files that were not asked for the longest, until the rest is within the limit."""
        try:
            prune(self.folder, self.limit)
        except OSError:
            return

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"
