"""Files of `torch.save`, read without running what is in them."""

import pickle
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

import torch
from torch import Tensor
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

from audiospace.errors import UserError

FETCH_REMEDY = "Get the file again"
_CODE_REMEDY = (
    "Ask its author for a .safetensors file, or save its state_dict alone with the program that made it"
)
_PICKLE_PROTOCOL, _ZIP, _SAFETENSORS = b"\x80", b"PK\x03\x04", b"\0\0{"
_RECORDS = re.compile(r"argparse\.Namespace|pathlib\.\w+|((pytorch_)?lightning|omegaconf)(\.\w+)+")


class _Blank(dict[object, object]):
    """Stands for an object of the program that wrote the file, such as its settings, and holds nothing."""

    def __new__(cls, *_: object) -> Self:
        return super().__new__(cls)

    def __init__(self, *_: object) -> None:
        super().__init__()

    def __setstate__(self, _state: object) -> None:
        pass


def is_torch_file(path: Path) -> bool:
    """Whether a file starts as those of `torch.save` do.

    Args:
        path: The file.

    Returns:
        True for its present and its former form.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(9)
    safetensors = start[6:] == _SAFETENSORS  # its length comes before, and may look like a pickle
    return start.startswith(_ZIP) or (start.startswith(_PICKLE_PROTOCOL) and not safetensors)


def read_torch_file(path: Path) -> dict[str, Tensor]:
    """Read a state dict, or a dict with a "state_dict"; its tensors are mapped from the file where possible.

    The settings that training programs write beside the weights are passed over. Nothing from the file is
    run, and a file that asks for more than that is refused.

    Args:
        path: The file.

    Returns:
        The tensors by name.

    Raises:
        UserError: It is broken, would run code, or holds no state dict.
        OSError: It cannot be opened.
    """
    archive = zipfile.is_zipfile(path)  # files of before 2020 are none, and cannot be mapped
    mapped = archive and path.suffix != ".safetensors"  # PyTorch goes by the name, if it is given one
    try:
        with path.open("rb") as stream, _tolerant(stream if archive else None):
            source = path if mapped else stream
            values = torch.load(source, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        raise _refusal(path, str(error)) from error
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise UserError("not a readable checkpoint", file=path, remedy=FETCH_REMEDY) from error
    state = values.get("state_dict", values) if isinstance(values, dict) else None
    if not isinstance(state, dict):
        raise UserError("a PyTorch file without a state dict", file=path)
    return {key: value for key, value in state.items() if isinstance(value, Tensor)}


@contextmanager
def _tolerant(archive: BinaryIO | None) -> Iterator[None]:
    """Let empty stand-ins take the place of the settings in a file."""
    unknown: list[str] = []
    if archive is not None:
        unknown = get_unsafe_globals_in_checkpoint(archive)
        archive.seek(0)
    blanks: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [
        (_Blank, name) for name in unknown if _RECORDS.fullmatch(name)
    ]
    with safe_globals(blanks), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about pickle protocols
        yield


def _refusal(path: Path, message: str) -> UserError:
    named = re.search(r"GLOBAL ([\w.]+)", message)
    if named is None:
        return UserError(
            "not a readable checkpoint: it is broken or holds more than weights; nothing in it was run",
            file=path,
            remedy=FETCH_REMEDY,
        )
    return UserError(
        f"refused, because reading it would run code ({named[1]}); nothing in it was run",
        file=path,
        remedy=_CODE_REMEDY,
    )
