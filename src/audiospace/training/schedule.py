"""Learning rate over a run, as a factor of its peak."""

import math

from audiospace.training.config import OptimiserConfig

FINAL_SHARE = 0.1


def rate_factor(settings: OptimiserConfig, step: int, share: float) -> float:
    """Factor of the learning rate at one step.

    'cosine' (Loshchilov and Hutter 2017) falls from 1 to 0.1 with the share of the run that is done, after a
    linear warm-up. 'inverse' is the schedule of the published model (k-diffusion's InverseLR): it rises as
    1 - (1 - 1 / warm-up steps)^(step + 1) and falls as (1 + step / gamma)^-power, however long the run is.

    Args:
        settings: Which schedule, and its numbers.
        step: Number of the step, from 0.
        share: Share of the run that is done, 0..1.

    Returns:
        Factor in (0, 1].
    """
    warmup_steps = max(1, settings.warmup_steps)
    if settings.schedule == "inverse":
        warmup = 1.0 - (1.0 - 1.0 / warmup_steps) ** (step + 1)
        return float(warmup * (1.0 + step / settings.inverse_gamma) ** -settings.inverse_power)
    warmup = min(1.0, (step + 1) / warmup_steps)
    if settings.schedule == "constant":
        return warmup
    swing = (1.0 - FINAL_SHARE) / 2
    return warmup * (FINAL_SHARE + swing + swing * math.cos(math.pi * share))
