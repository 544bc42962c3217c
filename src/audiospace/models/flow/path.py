"""The straight path between data and noise (rectified flow: Liu et al. 2022; Lipman et al. 2022)."""

from torch import Tensor


def interpolate(data: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """The point at flow time t between data and noise.

    Args:
        data: (batch, ...), reached at t = 0.
        noise: Same shape, reached at t = 1.
        t: Flow times in [0, 1] (batch,).

    Returns:
        (1 - t) data + t noise.
    """
    t = t.reshape(-1, *(1,) * (data.ndim - 1))
    return (1 - t) * data + t * noise


def velocity_target(data: Tensor, noise: Tensor) -> Tensor:
    """The derivative of `interpolate` by t, which the network learns: noise - data."""
    return noise - data
