"""Where the weights of MetaCLIP come from: a folder of the user's, or the Hugging Face hub."""

import hashlib
import logging
import os
from pathlib import Path

from audiospace.errors import MissingExtraError, UserError

REPOSITORY = "facebook/metaclip-h14-fullcc2.5b"
"""On the hub; the weights are under CC-BY-NC-4.0."""

FOLDER_VARIABLE = "AUDIOSPACE_METACLIP"
"""Environment variable with a folder to take the weights from instead."""

LICENCE = "CC-BY-NC-4.0, not for commercial use"
FILES = _SAFE, _PICKLED = "model.safetensors", "pytorch_model.bin"
"""Names that the weights go by, the better first."""
_CONFIG = "config.json"
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 16


def weights_folder() -> Path:
    """Find the folder with MetaCLIP's weights; download it if it is nowhere here.

    The hub library's own settings hold: HF_HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE.

    Returns:
        A folder with `config.json` and weights.

    Raises:
        UserError: There are no weights, or they cannot be downloaded.
    """
    own = os.environ.get(FOLDER_VARIABLE)
    if own:
        weights_file(Path(own))
        return Path(own)
    return _from_hub()


def weights_id() -> str:
    """Name the weights that `weights_folder` gives, without a download.

    Returns:
        The repository, or for a folder of the user's a digest of its files (samples of large ones).

    Raises:
        UserError: The user's folder has no weights.
    """
    own = os.environ.get(FOLDER_VARIABLE)
    if not own:
        return REPOSITORY
    path = weights_file(Path(own))
    size = path.stat().st_size
    digest = hashlib.sha256((Path(own) / _CONFIG).read_bytes())
    digest.update(str(size).encode())
    with path.open("rb") as file:
        for sample in range(_SAMPLES):
            file.seek(size * sample // _SAMPLES)
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def weights_file(folder: Path) -> Path:
    """Find the weights in a folder, safetensors first.

    Args:
        folder: As `transformers` saves a model, in one file.

    Returns:
        The file.

    Raises:
        UserError: The folder does not hold a model.
    """
    for name in FILES:
        if (folder / name).is_file() and (folder / _CONFIG).is_file():
            return folder / name
    raise UserError(
        f"is not a folder with {_CONFIG} and {_SAFE} of MetaCLIP",
        file=folder,
        remedy=f"Download {REPOSITORY} into it, or unset {FOLDER_VARIABLE} to have that done",
    )


def _from_hub() -> Path:
    try:
        import huggingface_hub as hub
    except ImportError as error:
        raise MissingExtraError("looking at a video with MetaCLIP", "metaclip") from error
    for name in FILES:
        found = hub.try_to_load_from_cache(REPOSITORY, name)
        if isinstance(found, str) and (Path(found).parent / _CONFIG).exists():
            return Path(found).parent
    try:
        config = Path(hub.hf_hub_download(REPOSITORY, _CONFIG))
        logging.getLogger(__name__).warning("downloading %s (4 GB; licence: %s)", REPOSITORY, LICENCE)
        try:
            hub.hf_hub_download(REPOSITORY, _SAFE)
        except hub.errors.EntryNotFoundError:
            hub.hf_hub_download(REPOSITORY, _PICKLED)
    except Exception as error:  # what is raised depends on the hub library's version and on its transport
        raise UserError(
            f"MetaCLIP's weights ({REPOSITORY}) are not here and cannot be downloaded ({_reason(error)})",
            remedy="Run the command again with a connection to huggingface.co and without HF_HUB_OFFLINE, or "
            f"set {FOLDER_VARIABLE} to a folder with the repository's {_CONFIG} and {_SAFE}",
        ) from error
    return config.parent


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".:") if lines else type(error).__name__
