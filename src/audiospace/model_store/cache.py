"""Downloaded models, converted once and kept with a record of what they are."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audiospace.errors import UserError
from audiospace.media import file_sha256, user_cache, writing
from audiospace.model_store.catalogue import KnownModel, Release
from audiospace.model_store.configuration import load_config
from audiospace.model_store.hub import Download, fetch_release, only_one, require_hub
from audiospace.model_store.model_file import save_model
from audiospace.model_store.progress import OnProgress
from audiospace.model_store.published_file import published_model, read_published


@dataclass(frozen=True)
class Record:
    """What is known of a cached model, as the JSON file beside it holds it.

    Attributes:
        repository: Where it is from.
        file: The file there.
        revision: The commit there.
        source_sha256: Of that file.
        source_bytes: Its size.
        sha256: Of the converted file.
        bytes: Its size.
        dropped: What was not needed, as a sentence.
        made: When it was converted, in UTC.
        checked: Modification time of the file (ns) when its checksum last agreed; 0 if it never did.
    """

    repository: str
    file: str
    revision: str
    source_sha256: str
    source_bytes: int
    sha256: str
    bytes: int
    dropped: str
    made: str
    checked: int = 0


@dataclass(frozen=True)
class CachedModel:
    """A converted model on this disk.

    Attributes:
        path: The model file.
        record: What it is.
    """

    path: Path
    record: Record


def cache_folder() -> Path:
    """Give the user's cache folder for models."""
    return user_cache("models")


def cached_model(known: KnownModel) -> CachedModel | None:
    """Find a model in the cache; nothing is read but its record.

    Args:
        known: The model.

    Returns:
        The file, or None if it is not there with its record.
    """
    path = _path(known)
    try:
        record = Record(**json.loads(_record_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return CachedModel(path, record) if path.is_file() else None


def check_cached(cached: CachedModel, *, again: bool = False) -> None:
    """Make sure that a cached model is what was put there.

    Its size is always looked at, its checksum if it was not since the file last changed.

    Args:
        cached: The model.
        again: Compute the checksum in any case.

    Raises:
        UserError: The file is damaged.
    """
    status, record = cached.path.stat(), cached.record
    if status.st_size != record.bytes:
        raise _damaged(cached.path, f"it has {status.st_size:,} bytes where {record.bytes:,} belong")
    if record.checked == status.st_mtime_ns and not again:
        return
    if file_sha256(cached.path) != record.sha256:
        raise _damaged(cached.path, "its checksum is another one")
    try:
        _write_record(cached.path, dataclasses.replace(record, checked=status.st_mtime_ns))
    except (UserError, OSError):
        return  # a cache that cannot be written to is checked again the next time


def fetch_model(known: KnownModel, release: Release, on_progress: OnProgress) -> CachedModel:
    """Download a model and convert it, unless another process has done so meanwhile.

    The download is removed once its conversion is complete; a file that the hub library's own cache held
    before stays there.

    Args:
        known: The model.
        release: Its published checkpoint.
        on_progress: Called with "download" or "conversion", the steps done and their number.

    Returns:
        The model in the cache.

    Raises:
        UserError: It cannot be had, or is not what the hub says it is.
    """
    require_hub(release)
    path = _path(known)
    path.parent.mkdir(parents=True, exist_ok=True)
    with only_one(path.with_suffix(".lock")):
        cached = cached_model(known)
        if cached is not None:
            return cached
        download = fetch_release(release, path.parent, on_progress)
        cached = _convert(known, release, download, on_progress)
        if not download.shared:
            download.path.unlink()
    return cached


def _convert(known: KnownModel, release: Release, download: Download, on_progress: OnProgress) -> CachedModel:
    path = _path(known)
    for abandoned in path.parent.glob(f".{path.stem}-*"):
        abandoned.unlink(missing_ok=True)  # of a conversion that was killed
    on_progress("conversion", 0, 3)
    source_sha256 = file_sha256(download.path)
    if download.sha256 not in {"", source_sha256}:
        raise _corrupt(download)
    on_progress("conversion", 1, 3)
    model, dropped = published_model(read_published(download.path), load_config(known.preset))
    source = f"{release.page}/blob/{download.revision}/{release.file}"
    notes = {
        "source": source,
        "source_sha256": source_sha256,
        "licence": known.licence,
        "dropped": str(dropped),
    }
    save_model(model, path, notes=notes)
    on_progress("conversion", 2, 3)
    record = Record(
        repository=release.repository,
        file=release.file,
        revision=download.revision,
        source_sha256=source_sha256,
        source_bytes=download.path.stat().st_size,
        sha256=file_sha256(path),
        bytes=path.stat().st_size,
        dropped=str(dropped),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    _write_record(path, record)
    on_progress("conversion", 3, 3)
    return CachedModel(path, record)


def _path(known: KnownModel) -> Path:
    return cache_folder() / f"{known.name}.safetensors"


def _record_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _write_record(path: Path, record: Record) -> None:
    with writing(_record_path(path)) as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(record), indent=2) + "\n", encoding="utf-8")


def _corrupt(download: Download) -> UserError:
    """A download that is not what the hub says: ours is removed, so that the next one starts anew."""
    if not download.shared:
        download.path.unlink()
    remedy = (
        f"Remove {download.path} and run the command again" if download.shared else "Run the command again"
    )
    return UserError("the download is damaged: its checksum differs", file=download.path, remedy=remedy)


def _damaged(path: Path, how: str) -> UserError:
    return UserError(
        f"the cached model is damaged: {how}", file=path, remedy=f"Remove {path} and run the command again"
    )
