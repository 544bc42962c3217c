"""From features to sound: noise becomes latents by following the flow, and latents become a sound field."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from audiospace.generation.windows import decode_in_chunks, decoded_chunks, windowed_velocity
from audiospace.models import ALWAYS, OnStep, SpatialAudioModel, Velocity, adams_bashforth, euler, midpoint

Advance = Callable[[int, int], None]
Solver = Callable[[Velocity, torch.Tensor, int, OnStep | None], torch.Tensor]

SOLVERS: dict[str, Solver] = {"euler": euler, "midpoint": midpoint, "adams-bashforth": adams_bashforth}
"""How the flow can be followed. `euler` is the published way."""


@dataclass(frozen=True)
class SamplerSettings:
    """How the flow is followed.

    Attributes:
        steps: Solver steps, at least 1.
        guidance: Strength of classifier-free guidance; 1 is none.
        seed: Seed of the noise.
        solver: One of `SOLVERS`.
        guidance_interval: Flow times between which guidance acts, as `Guided` takes them.
        drop_global: Whether guidance strengthens the global condition too, as `Guided` takes it.
    """

    steps: int
    guidance: float
    seed: int
    solver: str = "euler"
    guidance_interval: tuple[float, float] = ALWAYS
    drop_global: bool = False


def noise_like_latents(model: SpatialAudioModel, frames: int, seed: int) -> torch.Tensor:
    """Draw the noise that the flow starts from.

    It is drawn on the CPU, so that a seed means the same on every device.

    Args:
        model: Whose latents.
        frames: Number of latent frames.
        seed: Of the noise.

    Returns:
        Standard normal noise, shape (1, latent_dim, frames).
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, model.config.vae.latent_dim, frames, generator=generator)


def sample_latents(
    model: SpatialAudioModel,
    features: Mapping[str, NDArray[np.float32]],
    seconds: float,
    settings: SamplerSettings,
    advance: Advance | None = None,
) -> torch.Tensor:
    """Generate the latents of a sound of any length: in windows where it is longer than the model's.

    Args:
        model: In evaluation mode.
        features: Features of the whole video by branch, shape (time, ...).
        seconds: Length of the sound.
        settings: How to sample.
        advance: Called after each step with the steps done and their number.

    Returns:
        Latents on the scale of the flow, shape (1, latent_dim, frames), enough for the seconds.
    """
    vae = model.config.vae
    frames = max(1, math.ceil(seconds * vae.sample_rate / vae.hop))
    device = model.latent_mean.device
    with torch.inference_mode():
        conditions = model.embed(
            {name: torch.from_numpy(values)[None].to(device) for name, values in features.items()}
        )
        velocity = partial(
            windowed_velocity,
            model.transformer,
            conditions,
            frames=frames,
            window=model.config.window_frames,
            condition_rate=model.config.features.frames_per_second / vae.frame_rate,
            drop_global=settings.drop_global,
            interval=settings.guidance_interval,
        )
        noise = model.facing(noise_like_latents(model, frames, settings.seed).to(device), conditions)
        follow, guided = SOLVERS[settings.solver], velocity(scale=settings.guidance)
        latents = follow(guided, noise, settings.steps, advance)
        return model.towards_expected(latents, noise, velocity(scale=1.0))


def decode_latents(
    model: SpatialAudioModel, latents: torch.Tensor, advance: Advance | None = None
) -> NDArray[np.float32]:
    """Decode latents to a sound field, piece by piece.

    Args:
        model: In evaluation mode.
        latents: On the scale of the flow, shape (1, latent_dim, frames).
        advance: Called after each piece with the frames done and their number.

    Returns:
        AmbiX sound at the model's sample rate, shape (4, frames * hop).
    """
    with torch.inference_mode():
        sound = decode_in_chunks(model.vae, model.denormalise(latents), on_chunk=advance)
    return np.asarray(sound[0].float().cpu().numpy(), dtype=np.float32)


@torch.inference_mode()
def decoded_blocks(
    model: SpatialAudioModel, latents: torch.Tensor, advance: Advance | None = None
) -> Iterator[NDArray[np.float32]]:
    """Decode latents to a sound field of any length, one piece in memory at a time.

    Args:
        model: In evaluation mode.
        latents: On the scale of the flow, shape (1, latent_dim, frames).
        advance: Called after each piece with the frames done and their number.

    Yields:
        Pieces of the sound that `decode_latents` gives, each of shape (4, n).
    """
    for piece in decoded_chunks(model.vae, model.denormalise(latents), on_chunk=advance):
        yield np.asarray(piece[0].float().cpu().numpy(), dtype=np.float32)
