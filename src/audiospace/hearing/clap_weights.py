"""Where CLAP comes from: a folder that the user names, one in the user's cache, or the Hugging Face hub."""

import logging
import os
from pathlib import Path
from types import ModuleType

from audiospace import pretrained
from audiospace.errors import MissingExtraError, UserError
from audiospace.hearing.weights import PublishedWeights, find_weights

REPOSITORY = "laion/clap-htsat-unfused"
"""On the hub."""

CLAP = PublishedWeights(
    title="CLAP",
    name="clap",
    variable="AUDIOSPACE_CLAP",
    files=pretrained.WEIGHTS,
    address=f"the files of https://huggingface.co/{REPOSITORY}",
    licence="Apache-2.0",
)
"""A whole folder as `transformers` saves it, 620 MB of weights."""

_SMALL_FILES = ["*.json", "*.txt"]


def clap_folder() -> Path:
    """Find a folder with CLAP; download it if it is nowhere here.

    The hub library's own settings hold: HF_HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE.

    Returns:
        A folder with a configuration and weights.

    Raises:
        UserError: There are no weights, and they cannot be downloaded.
    """
    if os.environ.get(CLAP.variable) or CLAP.folder.is_dir():
        return find_weights(CLAP).parent
    return _from_hub()


def weights_file(folder: Path) -> Path:
    """Find the weights in a folder, safetensors first.

    Args:
        folder: As `transformers` saves a model, in one file.

    Returns:
        The file.

    Raises:
        UserError: The folder does not hold a model.
    """
    return pretrained.weights_file(folder, title=CLAP.title, remedy=f"Download {CLAP.address} into it")


def _from_hub() -> Path:
    try:
        import huggingface_hub as hub
    except ImportError as error:
        raise MissingExtraError("listening with CLAP", "clap") from error
    try:
        return _snapshot(hub)
    except Exception as error:  # what is raised depends on the hub library's version and on its transport
        raise UserError(
            f"CLAP's weights ({REPOSITORY}) are not here and cannot be downloaded ({type(error).__name__})",
            remedy="Run the command again with a connection to huggingface.co and without HF_HUB_OFFLINE, or "
            f"set {CLAP.variable} to a folder with the repository's files",
        ) from error


def _snapshot(hub: ModuleType) -> Path:
    found = pretrained.cached_folder(hub, REPOSITORY)
    if found is not None:
        return found
    logging.getLogger(__name__).warning("downloading %s (620 MB; licence: %s)", REPOSITORY, CLAP.licence)
    folder = Path(hub.snapshot_download(REPOSITORY, allow_patterns=_SMALL_FILES))
    pretrained.download_weights(hub, REPOSITORY, revision=folder.name)
    return folder
