"""From figures of scenes and seeds to a row of a table: means, intervals, and what seeds change."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audiospace.evaluation.jackknife import jackknife_interval
from audiospace.evaluation.statistics import Interval, bootstrap_mean
from audiospace.metrics import Replicates
from audiospace.reproduction.config import METRICS, Row
from audiospace.reproduction.judging import Figures

FD = "fd"


@dataclass(frozen=True)
class Cell:
    """One figure of one row.

    Attributes:
        interval: Mean over scenes and seeds with its 95 % interval over the draw of scenes: bootstrap, or for
            the Frechet distance the jackknife. n is the number of scenes.
        seeds: The figure of each seed.
        difference: This row less the first one, paired by scene, with its interval; None in the first row.
    """

    interval: Interval
    seeds: tuple[float, ...]
    difference: Interval | None = None

    @property
    def spread(self) -> float:
        """Standard deviation of the figure over seeds; NaN with one seed."""
        return float(np.std(self.seeds, ddof=1)) if len(self.seeds) > 1 else float("nan")


@dataclass(frozen=True)
class Line:
    """A row with its figures.

    Attributes:
        title: Of the row.
        cells: By metric; without those that the row does not have.
        paper: Published figures by metric.
        trained: Whether something was trained; False for rows that show what a figure can be.
    """

    title: str
    cells: Mapping[str, Cell]
    paper: Mapping[str, float]
    trained: bool = True


def summarise(rows: Sequence[tuple[Row, Sequence[Figures]]]) -> list[Line]:
    """Put the rows of a table together.

    Args:
        rows: Each row with the figures of the first seeds, at least one; all of the same scenes.

    Returns:
        The rows; all but the first are compared with it, by the seeds that both have.
    """
    first = rows[0][1] if rows else ()
    return [
        Line(row.title, _cells(found, None if number == 0 else first[: len(found)]), row.paper)
        for number, (row, found) in enumerate(rows)
    ]


def reference(title: str, figures: Figures) -> Line:
    """Describe a row that was not trained.

    Args:
        title: Of the row.
        figures: Its figures.

    Returns:
        The row.
    """
    return Line(title, _cells([figures], None), {}, trained=False)


def _cells(found: Sequence[Figures], first: Sequence[Figures] | None) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for metric in METRICS:
        if metric == FD:
            distances = _distances(found)
            if distances:
                difference = None if first is None else _distance_difference(distances, _distances(first))
                whole = tuple(distance.whole for distance in distances)
                cells[FD] = Cell(jackknife_interval(_mean(distances), lowest=0.0), whole, difference)
        elif all(metric in figures.clips for figures in found):
            values = np.stack([figures.clips[metric] for figures in found])
            scenes = _over_seeds(values)
            other = None if first is None else _over_seeds(np.stack([one.clips[metric] for one in first]))
            cells[metric] = Cell(
                _defined_mean(scenes),
                tuple(float(np.nanmean(seed)) for seed in values),
                None if other is None else _defined_mean(scenes - other),
            )
    return cells


def _distances(found: Sequence[Figures]) -> list[Replicates]:
    return [figures.fd for figures in found if figures.fd is not None]


def _distance_difference(these: Sequence[Replicates], others: Sequence[Replicates]) -> Interval | None:
    if not others:
        return None
    one, other = _mean(these), _mean(others)
    return jackknife_interval(Replicates(one.whole - other.whole, one.without - other.without, one.sizes))


def _mean(distances: Sequence[Replicates]) -> Replicates:
    """The mean over seeds, with and without each group of scenes."""
    whole = float(np.mean([distance.whole for distance in distances]))
    without = np.mean([distance.without for distance in distances], axis=0)
    return Replicates(whole, without, distances[0].sizes)


def _over_seeds(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each scene over the seeds (seeds, scenes) in which it is defined; NaN where in none."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Mean of empty slice")
        return np.asarray(np.nanmean(values, axis=0), dtype=np.float64)


def _defined_mean(values: NDArray[np.float64]) -> Interval:
    return bootstrap_mean([float(value) for value in values[np.isfinite(values)]])
