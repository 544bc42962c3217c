"""The kernel distance between two sets of embeddings: what Fréchet's measures, without its small-sample bias.

Embeddings are kept by the caller, who decides how many: the time grows with the square of their number, the
memory only with the number itself.
"""

import numpy as np
from numpy.typing import NDArray

from audiospace.metrics.grouped_statistics import GROUP_COUNT, Replicates

BLOCK = 2048
"""Rows and columns of the kernel matrix that are held at once."""


def _checked(embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
    if embeddings.ndim != 2 or embeddings.shape[1] == 0:
        raise ValueError(f"expected embeddings of shape (n, dimensions), got {embeddings.shape}")
    exact = embeddings.astype(np.float64)
    if not np.isfinite(exact).all():
        raise ValueError("embeddings hold values that are not finite")
    return exact


def _group_sums(
    first: NDArray[np.float64], second: NDArray[np.float64], *, same: bool
) -> NDArray[np.float64]:
    """Sum the kernel over pairs by the groups of both sides, shape (groups, groups); no row with itself."""
    sums = np.zeros((GROUP_COUNT, GROUP_COUNT))
    membership = np.eye(GROUP_COUNT)
    for row in range(0, len(first), BLOCK):
        rows = first[row : row + BLOCK]
        row_groups = membership[np.arange(row, row + len(rows)) % GROUP_COUNT]
        for column in range(0, len(second), BLOCK):
            columns = second[column : column + BLOCK]
            inner = rows @ columns.T / first.shape[1] + 1
            kernel = inner * inner * inner
            if same and row == column:
                np.fill_diagonal(kernel, 0.0)
            column_groups = membership[np.arange(column, column + len(columns)) % GROUP_COUNT]
            sums += row_groups.T @ kernel @ column_groups
    return sums


def _group_sizes(count: int) -> NDArray[np.int64]:
    return np.bincount(np.arange(count) % GROUP_COUNT, minlength=GROUP_COUNT).astype(np.int64)


def kernel_replicates(reference: NDArray[np.floating], generated: NDArray[np.floating]) -> Replicates:
    """Give the kernel distance of two sets, and the same with one group of rows left out of both.

    Row i of both sets belongs to group i modulo `GROUP_COUNT`; sets whose clips belong together must have
    them in the same order. Give one embedding a clip: rows of one clip are alike, which the formula takes
    for a distance between the sets.

    Args:
        reference: Embeddings of recorded sounds, shape (n, D).
        generated: Embeddings of sounds to judge, shape (m, D).

    Returns:
        Distances as `kernel_distance` gives them, for an interval; NaN where fewer than two rows remain.

    Raises:
        ValueError: A shape is another one, a value is not finite, or the numbers of dimensions differ.
    """
    first, second = _checked(reference), _checked(generated)
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"cannot compare {first.shape[1]} dimensions with {second.shape[1]}")
    within_first = _group_sums(first, first, same=True)
    within_second = _group_sums(second, second, same=True)
    between = _group_sums(first, second, same=False)
    sizes = _group_sizes(len(first)), _group_sizes(len(second))

    def distance(kept: NDArray[np.bool_]) -> float:
        n, m = int(sizes[0][kept].sum()), int(sizes[1][kept].sum())
        if min(n, m) < 2:
            return float("nan")
        square = np.ix_(kept, kept)
        inside = within_first[square].sum() / (n * (n - 1)) + within_second[square].sum() / (m * (m - 1))
        return float(inside - 2 * between[square].sum() / (n * m))

    groups = np.arange(GROUP_COUNT)
    counted = sizes[1] > 0
    return Replicates(
        whole=distance(np.ones(GROUP_COUNT, dtype=bool)),
        without=np.array([distance(groups != group) for group in groups[counted]]),
        sizes=sizes[1][counted],
    )


def kernel_distance(reference: NDArray[np.floating], generated: NDArray[np.floating]) -> float:
    """Give the unbiased squared maximum mean discrepancy with the kernel (x . y / D + 1)^3.

    It is the kernel inception distance of Binkowski et al. (2018, "Demystifying MMD GANs") on any embedding;
    the estimator is that of Gretton et al. (2012), which leaves out each embedding's kernel with itself.

    How to read it: 0 on average for two draws from one distribution at any size of the sets, so single values
    can lie below 0; no upper bound; its scale is that of the embedding, so only figures of one embedding
    compare. Unlike the Fréchet distance it also sees the third moments, and figures of sets of different
    sizes compare. Like it, it does not ask whether each sound fits its video.

    Args:
        reference: Embeddings of recorded sounds, one a clip, shape (n, D).
        generated: Embeddings of sounds to judge, one a clip, shape (m, D).

    Returns:
        The distance, the same in either order up to rounding; NaN if a set has fewer than two embeddings.

    Raises:
        ValueError: A shape is another one, a value is not finite, or the numbers of dimensions differ.
    """
    return kernel_replicates(reference, generated).whole
