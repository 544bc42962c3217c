"""Stretching a condition to the latents' length by a natural cubic spline, as one matrix product."""

import numpy as np
import torch
from torch import Tensor

from audiospace.models.constants import cached_constant


@cached_constant
def spline_matrix(knots: int, points: int) -> Tensor:
    """Weights that evaluate the natural cubic spline through equidistant knots.

    The first point lies on the first knot and the last on the last. The curvatures M at the knots solve
    M[i-1] + 4 M[i] + M[i+1] = 6 (y[i-1] - 2 y[i] + y[i+1]), with M = 0 at both ends (de Boor, A Practical
    Guide to Splines, chapter IV). All of it is linear in y, so the evaluation is a matrix.

    Args:
        knots: Number of values to interpolate; with 1 the result is constant, with 2 linear.
        points: Number of values wanted.

    Returns:
        Float32 matrix (points, knots) whose rows sum to one; shared between callers, not to be written to.
    """
    if knots == 1:
        return torch.ones(points, 1)
    curvature = np.zeros((knots, knots))
    if knots > 2:
        second_difference = (
            np.eye(knots - 2, knots) - 2 * np.eye(knots - 2, knots, 1) + np.eye(knots - 2, knots, 2)
        )
        system = 4 * np.eye(knots - 2) + np.eye(knots - 2, k=1) + np.eye(knots - 2, k=-1)
        curvature[1:-1] = np.linalg.solve(system, 6 * second_difference)
    position = np.linspace(0, knots - 1, points)
    left = np.minimum(position.astype(int), knots - 2)
    after = (position - left)[:, None]
    before = 1 - after
    values = np.eye(knots)
    matrix = (
        before * values[left]
        + after * values[left + 1]
        + ((before**3 - before) * curvature[left] + (after**3 - after) * curvature[left + 1]) / 6
    )
    return torch.from_numpy(matrix.astype(np.float32))


def stretch(sequence: Tensor, length: int) -> Tensor:
    """Interpolate a sequence to another length; the ends stay at the ends.

    Args:
        sequence: (batch, time, channels).
        length: Wanted number of time steps.

    Returns:
        (batch, length, channels); the input itself where the length is already right.
    """
    if sequence.shape[1] == length:
        return sequence
    return spline_matrix(sequence.shape[1], length).to(sequence) @ sequence
