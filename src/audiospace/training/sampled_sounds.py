"""Sounds that a velocity network in training makes, beside those it should have made."""

import numpy as np
import torch
from torch import Tensor

from audiospace.ambisonics import angular_distance, intensity
from audiospace.generation.sampling import SOLVERS
from audiospace.models import Conditions, SpanContext, SpatialAudioModel
from audiospace.training.stage import ShownSound


def sampled_sounds(
    model: SpatialAudioModel, latents: Tensor, noise: Tensor, conditions: Conditions, span: SpanContext | None
) -> tuple[tuple[ShownSound, ...], float]:
    """Generate held-out items with the model's own number of steps and guidance.

    Args:
        model: Its transformer may be on any device; its autoencoder decodes where it is.
        latents: Held-out latents, normalised, shape (items, latent_dim, frames).
        noise: Where to start, of the same shape.
        conditions: What is seen, on the transformer's device.
        span: Latents already known, on the transformer's device.

    Returns:
        Generated and held-out sounds in turn, and the median angle in degrees between the directions of
        their time-averaged intensities: 0 to 180, 90 by chance, undefined where a sound comes from nowhere.
    """
    device = next(model.transformer.parameters()).device
    nothing = conditions.masked(torch.zeros(len(noise), dtype=torch.bool, device=device))
    seen = conditions.additive is not None or conditions.vectors is not None
    scale = model.config.guidance_scale if seen else 1.0

    # Through `forward` alone, as sharded weights are there only within it.
    def conditional(x: Tensor, t: Tensor) -> Tensor:
        velocity: Tensor = model.transformer(x, t, conditions, span)
        return velocity

    def guided(x: Tensor, t: Tensor) -> Tensor:
        if scale == 1.0:
            return conditional(x, t)
        unconditional: Tensor = model.transformer(x, t, nothing, span)
        return unconditional + scale * (conditional(x, t) - unconditional)

    start = noise.to(device)
    made = SOLVERS[model.config.solver](guided, start, model.config.steps, None)
    made = model.towards_expected(made, start, conditional).cpu()
    fields = [
        model.decode(x[None])[0].float().numpy() for pair in zip(made, latents, strict=True) for x in pair
    ]
    rate = model.config.vae.sample_rate
    names = [f"{what} {number}" for number in range(len(made)) for what in ("generated", "held out")]
    angles = [
        angular_distance(intensity(generated), intensity(held_out))
        for generated, held_out in zip(fields[::2], fields[1::2], strict=True)
    ]
    sounds = tuple(ShownSound(name, field, rate) for name, field in zip(names, fields, strict=True))
    return sounds, float(np.degrees(np.median(angles)))
