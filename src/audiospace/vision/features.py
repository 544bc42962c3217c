"""What the frame encoder saw, by branch and time: all that generation and training keep of a video."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from audiospace.errors import UserError
from audiospace.media import writing

_ENCODER, _TIMES, _BRANCH = "encoder", "times", "branch."


@dataclass(frozen=True, eq=False)
class Features:
    """Named tensors over time.

    Attributes:
        encoder: Id of the frame encoder that made them.
        times: When each row is seen, seconds, increasing, shape (T,), float64.
        branches: Tensors by name, each of shape (T, ...), float32.
    """

    encoder: str
    times: npt.NDArray[np.float64]
    branches: Mapping[str, npt.NDArray[np.float32]]

    def __post_init__(self) -> None:
        if self.times.ndim != 1 or (len(self.times) > 1 and np.diff(self.times).min() <= 0.0):
            raise ValueError("times must be one increasing row")
        for name, values in self.branches.items():
            if len(values) != len(self.times):
                raise ValueError(f"branch {name} has {len(values)} rows for {len(self.times)} times")

    def window(self, start: float, duration: float) -> "Features":
        """Cut out a stretch of time, and count time from its start.

        Args:
            start: Seconds.
            duration: Seconds, > 0. Rows with start <= time < start + duration are kept.

        Returns:
            The rows in the window, as views of this object's data; there may be none.
        """
        inside = (self.times >= start) & (self.times < start + duration)
        rows = slice(int(np.argmax(inside)), int(np.argmax(inside)) + int(inside.sum()))
        branches = {name: values[rows] for name, values in self.branches.items()}
        return Features(self.encoder, self.times[rows] - start, branches)

    def save(self, path: str | Path) -> None:
        """Write to a compressed NumPy file, whole or not at all.

        Args:
            path: The file, ending in .npz.

        Raises:
            UserError: If the file cannot be written.
        """
        arrays = {_BRANCH + name: values for name, values in self.branches.items()}
        with writing(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file, allow_pickle=False, **{_ENCODER: np.array(self.encoder), _TIMES: self.times}, **arrays
            )

    @classmethod
    def load(cls, path: str | Path) -> "Features":
        """Read what `save` wrote.

        Args:
            path: The file.

        Returns:
            The features.

        Raises:
            UserError: If the file is missing or holds anything else.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                branches = {
                    name.removeprefix(_BRANCH): data[name] for name in data.files if name.startswith(_BRANCH)
                }
                return cls(str(data[_ENCODER]), data[_TIMES], branches)
        except FileNotFoundError as error:
            raise UserError("no such file of features", file=path) from error
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UserError("not a file of features, or a damaged one", file=path) from error

    @staticmethod
    def concatenate(parts: "Sequence[Features]") -> "Features":
        """Join features that follow each other in time.

        Args:
            parts: At least one, of one encoder and with the same branches; times as they are must increase.

        Returns:
            All rows of all parts.

        Raises:
            ValueError: If the parts do not fit together.
        """
        if not parts:
            raise ValueError("nothing to join")
        first = parts[0]
        for part in parts[1:]:
            if part.encoder != first.encoder or part.branches.keys() != first.branches.keys():
                raise ValueError("parts come from different encoders or have different branches")
        branches = {name: np.concatenate([part.branches[name] for part in parts]) for name in first.branches}
        return Features(first.encoder, np.concatenate([part.times for part in parts]), branches)
