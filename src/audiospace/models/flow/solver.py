"""Integrating the flow from noise (t = 1) to data (t = 0)."""

from collections.abc import Callable

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]
OnStep = Callable[[int, int], None]


def _flow_times(noise: Tensor, steps: int) -> Tensor:
    if steps < 1:
        raise ValueError(f"at least one step is needed, not {steps}")
    return torch.linspace(1, 0, steps + 1, device=noise.device, dtype=torch.float32)


def euler(velocity: Velocity, noise: Tensor, steps: int, on_step: OnStep | None = None) -> Tensor:
    """Follow the velocity in equal straight steps; one evaluation each.

    Args:
        velocity: Maps latents (batch, ...) and flow times (batch,) to velocities of the latents' shape.
        noise: Where to start (batch, ...).
        steps: Number of steps, 1 or more.
        on_step: Called after each step with the number of steps done and of all.

    Returns:
        The data, of the noise's shape.

    Raises:
        ValueError: There are no steps.
    """
    x, times = noise, _flow_times(noise, steps)
    for step in range(steps):
        x = x + (times[step + 1] - times[step]) * velocity(x, times[step].expand(len(x)))
        if on_step is not None:
            on_step(step + 1, steps)
    return x


def heun(velocity: Velocity, noise: Tensor, steps: int, on_step: OnStep | None = None) -> Tensor:
    """Follow the mean of the velocities at both ends of each step; second order, two evaluations a step.

    Args:
        velocity: As for `euler`.
        noise: Where to start (batch, ...).
        steps: Number of steps, 1 or more.
        on_step: As for `euler`.

    Returns:
        The data, of the noise's shape.

    Raises:
        ValueError: There are no steps.
    """
    x, times = noise, _flow_times(noise, steps)
    for step in range(steps):
        size = times[step + 1] - times[step]
        here = velocity(x, times[step].expand(len(x)))
        there = velocity(x + size * here, times[step + 1].expand(len(x)))
        x = x + size * (here + there) / 2
        if on_step is not None:
            on_step(step + 1, steps)
    return x
