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


def midpoint(velocity: Velocity, noise: Tensor, steps: int, on_step: OnStep | None = None) -> Tensor:
    """Follow the velocity in the middle of each step; second order, two evaluations each (Runge 1895).

    On the default model five of its steps come nearer to the exact solution than 24 of Euler's
    (`benchmarks/solvers.py`).

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
        now, size = times[step], times[step + 1] - times[step]
        middle = x + size / 2 * velocity(x, now.expand(len(x)))
        x = x + size * velocity(middle, (now + size / 2).expand(len(x)))
        if on_step is not None:
            on_step(step + 1, steps)
    return x


def adams_bashforth(velocity: Velocity, noise: Tensor, steps: int, on_step: OnStep | None = None) -> Tensor:
    """Continue the line through the last two velocities; second order, one evaluation each.

    The first step, which has no velocity before it, is Euler's (Bashforth and Adams 1883, two steps).

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
    before: Tensor | None = None
    for step in range(steps):
        here = velocity(x, times[step].expand(len(x)))
        slope = here if before is None else 1.5 * here - 0.5 * before
        x = x + (times[step + 1] - times[step]) * slope
        before = here
        if on_step is not None:
            on_step(step + 1, steps)
    return x
