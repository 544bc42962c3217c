"""Folders with a model as `transformers` saves it, weights in one file: on this disk or on the hub."""

from pathlib import Path
from types import ModuleType

from audiospace.errors import UserError

CONFIG = "config.json"
SAFETENSORS, _PICKLED = "model.safetensors", "pytorch_model.bin"
WEIGHTS = (SAFETENSORS, _PICKLED)
"""Names that the weights go by, the better first."""


def weights_file(folder: Path, *, title: str, remedy: str) -> Path:
    """Find the weights in a folder, safetensors first.

    Args:
        folder: The folder.
        title: What the model is called, for the error.
        remedy: What to do if it is not there.

    Returns:
        The file.

    Raises:
        UserError: The folder does not hold a model.
    """
    for name in WEIGHTS:
        if (folder / name).is_file() and (folder / CONFIG).is_file():
            return folder / name
    raise UserError(f"is not a folder with {CONFIG} and {SAFETENSORS} of {title}", file=folder, remedy=remedy)


def cached_folder(hub: ModuleType, repository: str) -> Path | None:
    """Find a model in the hub library's own cache.

    Args:
        hub: The module `huggingface_hub`.
        repository: Owner and name.

    Returns:
        A folder with a configuration and weights; None if it is not there.
    """
    for name in WEIGHTS:
        found = hub.try_to_load_from_cache(repository, name)
        if isinstance(found, str) and (Path(found).parent / CONFIG).exists():
            return Path(found).parent
    return None


def download_weights(hub: ModuleType, repository: str, revision: str | None = None) -> None:
    """Download a model's weights into the hub library's own cache, safetensors if there are any.

    What is raised depends on the hub library's version and on its transport.

    Args:
        hub: The module `huggingface_hub`.
        repository: Owner and name.
        revision: Commit; by default the newest.
    """
    try:
        hub.hf_hub_download(repository, SAFETENSORS, revision=revision)
    except hub.errors.EntryNotFoundError:
        hub.hf_hub_download(repository, _PICKLED, revision=revision)
