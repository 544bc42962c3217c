"""Sound longer than the model's window, seamlessly and at bounded memory."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from audiospace.models import (
    ALWAYS,
    Autoencoder,
    Conditions,
    Guided,
    Posterior,
    Velocity,
    VelocityNetwork,
    decoder_context,
    encoder_context,
)

DEFAULT_OVERLAP = 0.25
CHUNK_SECONDS = 6.0
"""Sound decoded or encoded at a time: longer pieces are no faster, and take and scatter more memory."""
SLACK = 1.05

OnChunk = Callable[[int, int], None]


@dataclass(frozen=True)
class Window:
    """A stretch of latents that the network sees at once.

    Attributes:
        start: First latent frame.
        stop: The frame after the last.
        weight: Share of each frame (stop - start,), above 0; the shares of all windows add up to 1.
    """

    start: int
    stop: int
    weight: Tensor


def plan_windows(frames: int, window: int, overlap: float = DEFAULT_OVERLAP) -> tuple[Window, ...]:
    """Cover latents by windows of equal length that fade into each other.

    Args:
        frames: Latent frames in all, 1 or more.
        window: Latent frames the network sees at once, 1 or more.
        overlap: Smallest share of a window that it has in common with the next, 0 to less than 1.

    Returns:
        The windows in order, their fades raised cosines. One alone where everything fits into it, or sticks
        out by no more than a twentieth: latents are rounded up to cover a clip, and two windows cost double.

    Raises:
        ValueError: A number is out of range.
    """
    if frames < 1 or window < 1 or not 0 <= overlap < 1:
        raise ValueError(f"cannot plan windows for {frames=}, {window=}, {overlap=}")
    if frames <= window * SLACK:
        return (Window(0, frames, torch.ones(frames)),)
    hop = max(1, math.floor(window * (1 - overlap)))
    count = math.ceil((frames - window) / hop) + 1
    starts = [round(index * (frames - window) / (count - 1)) for index in range(count)]
    fade = max(1, window - max(later - start for start, later in itertools.pairwise(starts)))
    distance_to_edge = torch.minimum(torch.arange(window), torch.arange(window).flip(0)) + 0.5
    shape = torch.sin((distance_to_edge / fade).clamp(max=1) * (math.pi / 2)).square()
    total = torch.zeros(frames)
    for start in starts:
        total[start : start + window] += shape
    return tuple(Window(start, start + window, shape / total[start : start + window]) for start in starts)


def windowed_velocity(
    transformer: VelocityNetwork,
    conditions: Conditions,
    *,
    frames: int,
    window: int,
    scale: float,
    condition_rate: float,
    overlap: float = DEFAULT_OVERLAP,
    drop_global: bool = False,
    interval: tuple[float, float] = ALWAYS,
) -> Velocity:
    """A guided velocity for latents of any length.

    Each window sees the part of the conditions that belongs to its time; at every flow time their velocities
    are averaged with weights that fade from one window to the next, so the solver moves all of the latents
    together (MultiDiffusion, Bar-Tal et al. 2023) and no seam is left.

    Args:
        transformer: The network.
        conditions: Embedded video over the whole time (batch of 1 or that of the latents).
        frames: Latent frames in all.
        window: Latent frames the network was trained on.
        scale: Of guidance, as `Guided` takes it.
        condition_rate: Time steps of the conditions per latent frame.
        overlap: Smallest share of a window that it has in common with the next, 0 to less than 1.
        drop_global: As `Guided` takes it.
        interval: As `Guided` takes it.

    Returns:
        Maps latents (batch, latent_dim, frames) and flow times (batch,) to velocities; nothing is cut where
        the latents fit into one window.
    """
    plan = plan_windows(frames, window, overlap)
    parts = [
        (
            part,
            Guided(
                transformer,
                _conditions_of(part, conditions, condition_rate, len(plan)),
                scale,
                drop_global=drop_global,
                interval=interval,
            ),
        )
        for part in plan
    ]
    if len(parts) == 1:
        return parts[0][1]

    def velocity(x: Tensor, t: Tensor) -> Tensor:
        total = torch.zeros_like(x)
        for part, guided in parts:
            part_velocity = guided(x[..., part.start : part.stop], t)
            total[..., part.start : part.stop] += part_velocity * part.weight.to(x)
        return total

    return velocity


def _conditions_of(window: Window, conditions: Conditions, rate: float, windows: int) -> Conditions:
    """The time steps under a window: equally many for each, and none beyond the end."""
    if windows == 1 or conditions.length == 0:
        return conditions
    count = min(max(1, round((window.stop - window.start) * rate)), conditions.length)
    start = min(round(window.start * rate), conditions.length - count)
    return conditions.window(start, start + count)


def decode_in_chunks(
    vae: Autoencoder, latents: Tensor, chunk: int | None = None, on_chunk: OnChunk | None = None
) -> Tensor:
    """Decode piece by piece, each with all the neighbours that influence it: the same sound in less memory.

    Args:
        vae: The autoencoder.
        latents: Latents on the autoencoder's own scale (batch, latent_dim, frames).
        chunk: Latent frames decoded at a time, 1 or more; None for about `CHUNK_SECONDS`.
        on_chunk: Called after each piece with the number of frames done and of all.

    Returns:
        Sound (batch, audio_channels, frames * hop), equal to whole decoding up to rounding.

    Raises:
        ValueError: The chunk is empty.
    """
    audio = latents.new_empty(len(latents), vae.config.audio_channels, latents.shape[-1] * vae.hop)
    begin = 0
    for piece in decoded_chunks(vae, latents, chunk, on_chunk):
        audio[..., begin : begin + piece.shape[-1]] = piece
        begin += piece.shape[-1]
    return audio


def decoded_chunks(
    vae: Autoencoder, latents: Tensor, chunk: int | None = None, on_chunk: OnChunk | None = None
) -> Iterator[Tensor]:
    """Decode piece by piece, and keep none: for sound of any length.

    Args:
        vae: The autoencoder.
        latents: Latents on the autoencoder's own scale (batch, latent_dim, frames).
        chunk: Latent frames decoded at a time, 1 or more; None for about `CHUNK_SECONDS`.
        on_chunk: Called after each piece with the number of frames done and of all.

    Yields:
        The pieces of the sound that `decode_in_chunks` gives, in order.

    Raises:
        ValueError: The chunk is empty.
    """
    chunk = _chunk_frames(vae, chunk)
    context, hop, frames = decoder_context(vae.config), vae.hop, latents.shape[-1]
    for start in range(0, frames, chunk):
        stop = min(start + chunk, frames)
        first = max(0, start - context)
        piece = vae.decode(latents[..., first : stop + context], first)
        yield piece[..., (start - first) * hop : (stop - first) * hop]
        if on_chunk is not None:
            on_chunk(stop, frames)


def encode_in_chunks(vae: Autoencoder, audio: Tensor, chunk: int | None = None) -> Posterior:
    """Encode piece by piece, each with all the neighbours that influence it: the same latents in less memory.

    Args:
        vae: The autoencoder.
        audio: Sound (batch, audio_channels, samples), of one latent frame or more.
        chunk: Latent frames encoded at a time, 1 or more; None for about `CHUNK_SECONDS`.

    Returns:
        The distribution of the latents (batch, latent_dim, samples // hop), equal to whole encoding up to
        rounding.

    Raises:
        ValueError: The chunk is empty.
    """
    chunk = _chunk_frames(vae, chunk)
    context, hop, frames = encoder_context(vae.config), vae.hop, audio.shape[-1] // vae.hop
    pieces: list[Posterior] = []
    for start in range(0, max(frames, 1), chunk):
        stop = min(start + chunk, frames)
        first = max(0, start - context)
        end = audio.shape[-1] if stop + context >= frames else (stop + context) * hop
        piece = vae.encode(audio[..., first * hop : end])
        kept = slice(start - first, stop - first)
        pieces.append(Posterior(piece.mean[..., kept], piece.stdev[..., kept]))
    return Posterior(
        torch.cat([piece.mean for piece in pieces], dim=-1),
        torch.cat([piece.stdev for piece in pieces], dim=-1),
    )


def _chunk_frames(vae: Autoencoder, chunk: int | None) -> int:
    if chunk is None:
        return max(1, round(CHUNK_SECONDS * vae.config.frame_rate))
    if chunk < 1:
        raise ValueError(f"a chunk must hold at least one frame, not {chunk}")
    return chunk
