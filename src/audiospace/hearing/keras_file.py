"""Weights as Keras 2 stores them in HDF5 files; read with h5py, which runs nothing that a file holds."""

import gzip
import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import MissingExtraError, UserError

_LARGEST = 1 << 30
_UNREADABLE = (OSError, EOFError, KeyError, ValueError, TypeError, RuntimeError, zlib.error)


def read_keras_layers(path: Path, *, extra: str) -> list[dict[str, NDArray[np.float32]]]:
    """Read the layers of a network in their order.

    Args:
        path: File of weights, or of a whole model, as Keras 2 saves it (.h5); may be compressed (.h5.gz).
        extra: What brings h5py, for the error if it is missing.

    Returns:
        For each layer with weights, its arrays by the last part of their names, such as "kernel".

    Raises:
        MissingExtraError: h5py is not installed.
        UserError: The file cannot be read, or is another kind of file.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError(f"reading {path.name}", extra) from error
    try:
        with h5py.File(_opened(path), "r") as file:
            group = file["model_weights"] if "model_weights" in file else file
            names = [_text(name) for name in group.attrs["layer_names"]]
            layers = [_arrays(group[name]) for name in names]
    except _UNREADABLE as error:
        raise UserError("is not a file of weights that Keras 2 stored", file=path) from error
    return [layer for layer in layers if layer]


def _opened(path: Path) -> io.BytesIO | Path:
    if path.suffix != ".gz":
        return path
    with gzip.open(path) as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError("too large")
    return io.BytesIO(data)


def _arrays(group: Any) -> dict[str, NDArray[np.float32]]:  # noqa: ANN401
    names = [_text(name) for name in group.attrs["weight_names"]]
    return {
        name.rsplit("/", 1)[-1].split(":")[0]: np.asarray(group[name][()], dtype=np.float32) for name in names
    }


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
