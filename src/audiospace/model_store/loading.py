"""Where a model's name or path leads, and the model that is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from audiospace.errors import UserError
from audiospace.kernels import Precision
from audiospace.media import file_sha256
from audiospace.model_store.cache import CachedModel, cached_model, check_cached, fetch_model
from audiospace.model_store.catalogue import CATALOGUE, KnownModel, known_model
from audiospace.model_store.configuration import load_config, presets_folder
from audiospace.model_store.model_file import is_model_file, read_model
from audiospace.model_store.progress import OnProgress, unreported
from audiospace.model_store.published_file import is_published, published_model, read_published
from audiospace.models import SpatialAudioModel, fold_weight_norm

PUBLISHED_PRESET = "omniaudio"
"""The configuration that a published checkpoint is read with when none is given."""
_SUFFIX = ".safetensors"


@dataclass(frozen=True)
class LoadedModel:
    """A model ready for use.

    Attributes:
        model: In evaluation mode, in float32.
        name: From its configuration.
        sha256: Of the file, in hexadecimal.
        notes: What was written beside the weights: how it was trained, licences.
        dropped: Which weights of a published checkpoint were not needed, as a sentence; else empty.
        precision: In which its transformer multiplies matrices.
    """

    model: SpatialAudioModel
    name: str
    sha256: str
    notes: Mapping[str, str]
    dropped: str = ""
    precision: Precision = "float32"


@dataclass(frozen=True)
class Located:
    """Where a name or path leads.

    Attributes:
        path: The file; None for a model that is still to be downloaded.
        known: The catalogue's entry, if it was a name of the catalogue.
        cached: The cached file and its record, if it is in the cache.
    """

    path: Path | None
    known: KnownModel | None = None
    cached: CachedModel | None = None


def shipped_models() -> tuple[str, ...]:
    """Names of the models whose weights come with the package, sorted."""
    return tuple(sorted(path.stem for path in presets_folder().glob(f"*{_SUFFIX}")))


def locate(name_or_path: str | Path) -> Located:
    """Find a model without reading or downloading it.

    Args:
        name_or_path: Name of a model, or path of a file; an existing file comes before the catalogue.

    Returns:
        Where it is.

    Raises:
        UserError: There is no such model.
    """
    name, path = str(name_or_path), Path(name_or_path)
    known = known_model(name)
    if name in shipped_models():
        return Located(presets_folder() / f"{name}{_SUFFIX}", known)
    if path.is_file():
        return Located(path)
    if known is not None and known.release is not None:
        cached = cached_model(known)
        return Located(None if cached is None else cached.path, known, cached)
    names = dict.fromkeys([*shipped_models(), *(entry.name for entry in CATALOGUE)])
    what = "is a folder, not a model file" if path.is_dir() else "there is no such model"
    raise UserError(what, file=path, remedy=f"Give a model file, or one of the names {', '.join(names)}")


def obtain(name_or_path: str | Path, on_progress: OnProgress | None = None) -> Located:
    """Find a model; one that is known by name and not here yet is downloaded and converted.

    Args:
        name_or_path: As for `locate`.
        on_progress: Called with "download" or "conversion", the steps done and their number.

    Returns:
        Where it is; its path is not None.

    Raises:
        UserError: There is no such model, or it cannot be had.
    """
    located = locate(name_or_path)
    if located.path is not None or located.known is None or located.known.release is None:
        return located
    cached = fetch_model(located.known, located.known.release, on_progress or unreported)
    return Located(cached.path, located.known, cached)


def load_model(
    name_or_path: str | Path,
    device: str | torch.device = "cpu",
    *,
    fold: bool = True,
    on_progress: OnProgress | None = None,
) -> LoadedModel:
    """Read a model; one that is known by name and not here yet is downloaded and converted first.

    Args:
        name_or_path: A name of the catalogue, the path of a file that `save_model` wrote, or that of a
            published checkpoint with the published sizes (others: see `convert_checkpoint`).
        device: Where the model is put.
        fold: Whether the autoencoder's weight norm is folded away, for speed; leave it in to train on.
        on_progress: Called with "download" or "conversion", the steps done and their number.

    Returns:
        The model, in evaluation mode and float32, with its identity.

    Raises:
        UserError: There is no such model, it cannot be downloaded, or the file is corrupt, of another kind,
            or lacks weights.
    """
    loaded = _read(obtain(name_or_path, on_progress))
    if fold:
        fold_weight_norm(loaded.model)
    loaded.model.to(device).eval()
    return loaded


def _read(located: Located) -> LoadedModel:
    path = located.path
    assert path is not None  # noqa: S101  a name without a file has been downloaded
    if located.cached is not None:
        check_cached(located.cached)
        model, header = read_model(path)
        record = located.cached.record
        return LoadedModel(model, header.config.name, record.sha256, header.notes, record.dropped)
    if not is_model_file(path) and is_published(path):
        model, dropped = published_model(read_published(path), load_config(PUBLISHED_PRESET))
        return LoadedModel(model, model.config.name, file_sha256(path), {}, str(dropped))
    model, header = read_model(path)
    return LoadedModel(model, header.config.name, file_sha256(path), header.notes)
