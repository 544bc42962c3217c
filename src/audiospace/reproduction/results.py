"""Figures of rows as files, so that a row that is finished is never done again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audiospace.errors import UserError
from audiospace.media import writing
from audiospace.metrics import Replicates
from audiospace.reproduction.judging import Figures


def write_figures(path: Path, figures: Figures) -> None:
    """Write the figures of one row and seed as JSON.

    Args:
        path: The file; its folder is made if need be. Figures that are not defined are null.
        figures: What to write.
    """
    distance = figures.fd
    tree = {
        "fd": None
        if distance is None
        else {
            "whole": _plain([distance.whole])[0],
            "without": _plain(distance.without),
            "sizes": distance.sizes.tolist(),
        },
        "clips": {name: _plain(values) for name, values in figures.clips.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path) as temporary:
        temporary.write_text(json.dumps(tree, allow_nan=False) + "\n", encoding="utf-8")


def read_figures(path: Path) -> Figures | None:
    """Read the figures of one row and seed.

    Args:
        path: The file.

    Returns:
        The figures, or None if there is no such file.

    Raises:
        UserError: The file is damaged.
    """
    if not path.exists():
        return None
    try:
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        clips = {name: _exact(values) for name, values in tree["clips"].items()}
        distance = tree["fd"]
        if distance is None:
            return Figures(clips, None)
        whole, without = _exact([distance["whole"]])[0], _exact(distance["without"])
        return Figures(clips, Replicates(float(whole), without, np.array(distance["sizes"], np.int64)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            "does not hold the figures of a row", file=path, remedy="Delete it to judge the row again"
        ) from error


def _plain(values: Sequence[float] | NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _exact(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
