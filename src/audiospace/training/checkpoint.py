"""Training state on disk: written whole or not at all, read without unpickling code."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from audiospace.errors import UserError
from audiospace.media import writing

FILE_NAME = "checkpoint.pt"


def save_checkpoint(directory: Path, state: Mapping[str, Any]) -> None:
    """Write the state to `directory/checkpoint.pt` through a temporary name.

    Args:
        directory: The run's folder, made if needed.
        state: Tensors, numbers, strings and containers of them.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with writing(directory / FILE_NAME) as temporary:
        torch.save(dict(state), temporary)


def load_checkpoint(directory: Path) -> dict[str, Any] | None:
    """Read the state of an earlier run; weights stay on the disk until they are looked at.

    Args:
        directory: The run's folder.

    Returns:
        The state, or None when the folder holds no checkpoint.

    Raises:
        UserError: The file is there but damaged.
    """
    path = directory / FILE_NAME
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError, ValueError) as error:
        raise UserError(
            "is not a usable checkpoint", file=path, remedy="Delete it to start the stage anew"
        ) from error
    return state
