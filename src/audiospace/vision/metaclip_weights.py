"""Where the weights of MetaCLIP come from: a folder of the user's, or the Hugging Face hub."""

import hashlib
import logging
import os
from pathlib import Path

from audiospace import pretrained
from audiospace.errors import MissingExtraError, UserError

REPOSITORY = "facebook/metaclip-h14-fullcc2.5b"
"""On the hub; the weights are under CC-BY-NC-4.0."""

FOLDER_VARIABLE = "AUDIOSPACE_METACLIP"
"""Environment variable with a folder to take the weights from instead."""

LICENCE = "CC-BY-NC-4.0, not for commercial use"
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
    digest = hashlib.sha256((Path(own) / pretrained.CONFIG).read_bytes())
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
    remedy = f"Download {REPOSITORY} into it, or unset {FOLDER_VARIABLE} to have that done"
    return pretrained.weights_file(folder, title="MetaCLIP", remedy=remedy)


def _from_hub() -> Path:
    try:
        import huggingface_hub as hub
    except ImportError as error:
        raise MissingExtraError("looking at a video with MetaCLIP", "metaclip") from error
    found = pretrained.cached_folder(hub, REPOSITORY)
    if found is not None:
        return found
    try:
        config = Path(hub.hf_hub_download(REPOSITORY, pretrained.CONFIG))
        logging.getLogger(__name__).warning("downloading %s (4 GB; licence: %s)", REPOSITORY, LICENCE)
        pretrained.download_weights(hub, REPOSITORY)
    except Exception as error:  # what is raised depends on the hub library's version and on its transport
        raise UserError(
            f"MetaCLIP's weights ({REPOSITORY}) are not here and cannot be downloaded ({_reason(error)})",
            remedy="Run the command again with a connection to huggingface.co and without HF_HUB_OFFLINE, or "
            f"set {FOLDER_VARIABLE} to a folder with the repository's {pretrained.CONFIG} and "
            f"{pretrained.SAFETENSORS}",
        ) from error
    return config.parent


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".:") if lines else type(error).__name__
