"""The Fréchet distance between two sets of embeddings, from their means and covariances alone.

The statistics of a set are gathered batch by batch and merged, so that a set of any size takes the memory of
one covariance matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class GaussianStatistics:
    """Mean and spread of a set of embeddings with D dimensions.

    Attributes:
        count: How many embeddings there are, at least 1.
        mean: Their mean, shape (D,).
        scatter: Sum of the outer products of their distances from the mean, shape (D, D).
    """

    count: int
    mean: NDArray[np.float64]
    scatter: NDArray[np.float64]

    @classmethod
    def of(cls, embeddings: NDArray[np.floating]) -> GaussianStatistics:
        """Describe one batch.

        Args:
            embeddings: Finite values, shape (count, D), count at least 1.

        Returns:
            Its statistics in double precision.

        Raises:
            ValueError: The shape is another one, or a value is not finite.
        """
        if embeddings.ndim != 2 or 0 in embeddings.shape:
            raise ValueError(f"expected embeddings of shape (count, dimensions), got {embeddings.shape}")
        exact = embeddings.astype(np.float64)
        if not np.isfinite(exact).all():
            raise ValueError("embeddings hold values that are not finite")
        mean = exact.mean(axis=0)
        centred = exact - mean
        return cls(len(exact), mean, centred.T @ centred)

    def merged(self, other: GaussianStatistics) -> GaussianStatistics:
        """Describe two sets taken together (Chan, Golub and LeVeque, 1982, "Updating formulae").

        Args:
            other: Statistics of other embeddings with the same number of dimensions.

        Returns:
            The statistics that all of them have at once, up to rounding.

        Raises:
            ValueError: The numbers of dimensions differ.
        """
        if self.mean.shape != other.mean.shape:
            raise ValueError(f"cannot merge {self.mean.size} dimensions with {other.mean.size}")
        count = self.count + other.count
        step = other.mean - self.mean
        scatter = np.outer(step, step * (self.count * other.count / count))
        scatter += self.scatter
        scatter += other.scatter
        return GaussianStatistics(count, self.mean + step * (other.count / count), scatter)

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Sample covariance with count - 1 below, shape (D, D); NaN throughout for a single embedding."""
        if self.count < 2:
            return np.full_like(self.scatter, np.nan)
        return self.scatter / (self.count - 1)


def _factor(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give F of shape (D, rank) with F F^T = covariance."""
    values, vectors = np.linalg.eigh(covariance)
    # What rounding alone makes of a zero eigenvalue; its square root would be far above rounding.
    floor = max(values[-1], 0.0) * len(values) * np.finfo(np.float64).eps
    kept = values > floor
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]), dtype=np.float64)


def frechet_distance(first: GaussianStatistics, second: GaussianStatistics) -> float:
    """Give the squared Fréchet distance between two sets, each taken for a Gaussian.

    It is |m1 - m2|^2 + tr C1 + tr C2 - 2 tr (C1 C2)^(1/2) (Dowson and Landau, 1982; Heusel et al., 2017, who
    named its use on embeddings FID; Kilgour et al., 2019, for sound). With F F^T = C from the eigenvalues of
    a covariance, the last trace is the sum of the singular values of F1^T F2: the square roots of the
    eigenvalues of C1 C2 without a matrix square root, so that singular covariances (fewer embeddings than
    dimensions) do no harm.

    How to read it: 0 for equal sets, no upper bound, in squared units of the embedding, so only figures of
    one embedding compare. It tells whether a set has the right kinds of sound in the right proportions, not
    whether each sound fits its video: a system that deals good sounds to the wrong videos scores well. It
    sees only means and covariances. It is biased upwards, the more the smaller the sets are (Chong and
    Forsyth, 2020): compare only figures with equal numbers of clips, and do not trust a set that has fewer
    embeddings than dimensions to give a value near that of a large set. `kernel_distance` has no such bias.

    Args:
        first: Statistics of a set.
        second: Statistics of another one with the same number of dimensions.

    Returns:
        The distance, 0 or more, the same in either order up to rounding; NaN if either set has fewer than two
        embeddings, which have no covariance.

    Raises:
        ValueError: The numbers of dimensions differ.
    """
    if first.mean.shape != second.mean.shape:
        raise ValueError(f"cannot compare {first.mean.size} dimensions with {second.mean.size}")
    if min(first.count, second.count) < 2:
        return float("nan")
    factors = _factor(first.covariance), _factor(second.covariance)
    overlap = float(np.linalg.svd(factors[0].T @ factors[1], compute_uv=False).sum())
    spread = sum(float(np.sum(factor**2)) for factor in factors)
    step = first.mean - second.mean
    return max(0.0, float(step @ step) + spread - 2 * overlap)
