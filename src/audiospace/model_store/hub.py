"""Files from the Hugging Face hub, taken up where an earlier attempt stopped.

The library's own settings hold: HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HOME and the login of its tool.
"""

import io
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from audiospace.errors import MissingExtraError, UserError
from audiospace.media.atomic import writing_error
from audiospace.model_store.catalogue import Release
from audiospace.model_store.progress import OnProgress

_SHA256 = re.compile(r"[0-9a-f]{64}")
_BAR = "huggingface_hub.http_get"
AGAIN = "Run the command again: it goes on where it stopped"


@dataclass(frozen=True)
class Download:
    """A file of the hub on this disk.

    Attributes:
        path: Where it is.
        revision: The commit it belongs to.
        sha256: What the hub says it is; empty where the hub does not say.
        shared: Whether it belongs to the hub library's own cache, which others use too.
    """

    path: Path
    revision: str
    sha256: str
    shared: bool


class _Reporting(io.BufferedWriter):
    """A file to append to that says how long it is."""

    def __init__(self, path: Path, report: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "ab"))
        self._report = report

    def write(self, data: Any, /) -> int:  # noqa: ANN401
        count = super().write(data)
        self._report(self.tell())
        return count


def require_hub(release: Release) -> ModuleType:
    """Give the hub's library.

    Args:
        release: What it is needed for.

    Returns:
        The module `huggingface_hub`.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingExtraError(f"downloading {release.repository}", "hub") from error
    return huggingface_hub


def in_hub_cache(repository: str, file: str) -> Path | None:
    """Find a file in the hub library's own cache.

    Args:
        repository: Owner and name.
        file: Name within it.

    Returns:
        Its path, or None if it is not there or the library is not installed.
    """
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    found = try_to_load_from_cache(repository, file)
    return Path(found) if isinstance(found, str) else None


def fetch_release(release: Release, folder: Path, on_progress: OnProgress) -> Download:
    """Find a file of the hub on this disk, or download it.

    Args:
        release: Which file.
        folder: Where a download is put; must exist.
        on_progress: Called with "download", the bytes that are there and their number.

    Returns:
        The file.

    Raises:
        UserError: The library is missing, the hub cannot be reached or refuses, or there is no room.
    """
    hub = require_hub(release)
    found = in_hub_cache(release.repository, release.file)
    if found is not None:
        blob = found.resolve().name  # the cache names a large file by its checksum
        return Download(found, found.parent.name, blob if _SHA256.fullmatch(blob) else "", shared=True)
    with _explained(hub, release):
        about = hub.get_hf_file_metadata(hub.hf_hub_url(release.repository, release.file))
        if about.size is None or about.etag is None or about.commit_hash is None:
            raise UserError("the hub does not say how large the file is", file=release.page)
        partial = folder / f"{Path(release.file).stem}-{about.etag[:16]}.part"
        _require_room(partial, about.size)
        url = hub.hf_hub_url(release.repository, release.file, revision=about.commit_hash)
        _download(hub, url, partial, about.size, on_progress)
    sha256 = about.etag if _SHA256.fullmatch(about.etag) else ""
    return Download(partial, about.commit_hash, sha256, shared=False)


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Wait until no other process is in the block of the same lock.

    Args:
        lock: A file that is made for it.

    Yields:
        Nothing.
    """
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

    with WeakFileLock(lock):
        yield


def _download(hub: ModuleType, url: str, partial: Path, size: int, on_progress: OnProgress) -> None:
    from huggingface_hub.file_download import http_get

    if partial.exists() and partial.stat().st_size > size:
        partial.unlink()
    noisy = not hub.utils.are_progress_bars_disabled(_BAR)
    hub.utils.disable_progress_bars(_BAR)
    try:
        with _Reporting(partial, lambda done: on_progress("download", done, size)) as file:
            headers = hub.utils.build_hf_headers()
            http_get(url, file, resume_size=file.tell(), headers=headers, expected_size=size)
    finally:
        if noisy:
            hub.utils.enable_progress_bars(_BAR)


def _require_room(partial: Path, size: int) -> None:
    """What is left of the download must fit, and its conversion, which is about as large."""
    there = partial.stat().st_size if partial.exists() else 0
    needed, free = 2 * size - there, shutil.disk_usage(partial.parent).free
    if needed > free:
        raise UserError(
            f"needs {needed / 1e9:.1f} GB of free disk, and there are {free / 1e9:.1f} GB",
            file=partial.parent,
            remedy="Free some space, or set XDG_CACHE_HOME to a folder on another disk",
        )


@contextmanager
def _explained(hub: ModuleType, release: Release) -> Iterator[None]:
    """Turn what the library raises into the user's errors."""
    errors: Any = hub.errors
    try:
        yield
    except UserError:
        raise
    except errors.GatedRepoError as error:
        remedy = f"Accept its terms at {release.page} and log in with: hf auth login"
        raise UserError(
            f"{release.repository} is open only to users who accepted its terms", remedy=remedy
        ) from error
    except errors.RepositoryNotFoundError as error:
        remedy = "Check HF_ENDPOINT, and for a private one log in with: hf auth login"
        raise UserError(
            f"the hub has no repository {release.repository}, or it is private", remedy=remedy
        ) from error
    except errors.EntryNotFoundError as error:
        raise UserError(
            f"{release.repository} has no file {release.file}", remedy=f"See {release.page}"
        ) from error
    except errors.OfflineModeIsEnabled as error:
        remedy = "Unset HF_HUB_OFFLINE to download it"
        raise UserError(
            f"{release.file} of {release.repository} is not here, and the hub is off", remedy=remedy
        ) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        remedy = "Log in with: hf auth login" if status in {401, 403} else "Try again later"
        raise UserError(f"the hub refused {release.repository} (status {status})", remedy=remedy) from error
    except (OSError, errors.HTTPError) as error:
        raise _transport_error(error, release) from error


def _transport_error(error: Exception, release: Release) -> UserError:
    full = writing_error(error, Path(release.file)) if isinstance(error, OSError) else None
    if full is not None:
        return full
    remedy = (
        f"{AGAIN}. Or download {release.file} elsewhere, from {release.page}, and give its path as the model"
    )
    return UserError(f"the hub cannot be reached or broke off ({type(error).__name__})", remedy=remedy)
