"""What mel-band powers go through before the judge-to-be sees them: cuts, mixtures, noise, filters, masks.

Powers of independent sounds add, so that mixing pictures of power is as good as mixing sounds, and far
cheaper.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SHORTEST_SPAN = 20
_FAINT = 1e-9


def cut(power: Tensor, frames: int, rng: np.random.Generator) -> Tensor:
    """Cut stretches that are not silent, and bring each to a mean power of 1.

    Args:
        power: Shape (batch, longer, bands).
        frames: Wanted length.
        rng: Source of randomness.

    Returns:
        Shape (batch, frames, bands).
    """
    starts = rng.integers(0, power.shape[1] - frames + 1, (len(power), 4))
    out = []
    for item, places in zip(power, starts, strict=True):
        heard = 0.3 * float(item.mean())
        cuts = [item[start : start + frames] for start in places]
        out.append(next((piece for piece in cuts if float(piece.mean()) > heard), max(cuts, key=torch.sum)))
    return relevelled(torch.stack(out))


def relevelled(power: Tensor) -> Tensor:
    """Scale pictures so that the power in all bands, averaged over the frames, is 1.

    Args:
        power: Shape (batch, frames, bands).

    Returns:
        The same shape.
    """
    return power / power.sum(dim=2).mean(dim=1).clamp_min(_FAINT)[:, None, None]


def silenced(power: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Keep one random span of some pictures and silence the rest, as in a short clip with padding.

    Args:
        power: Shape (batch, frames, bands).
        share: How many of the pictures, 0..1.
        rng: Source of randomness.

    Returns:
        The same shape.
    """
    batch, frames, _ = power.shape
    kept = torch.ones(batch, frames, 1)
    for number in np.flatnonzero(rng.random(batch) < share):
        length = int(rng.integers(_SHORTEST_SPAN, frames + 1))
        start = int(rng.integers(0, frames - length + 1))
        kept[number, :start] = 0
        kept[number, start + length :] = 0
    return power * kept


def mixed(power: Tensor, targets: Tensor, *, share: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Add to some pictures another one of the batch, 0 to 20 dB weaker; both are labels, by their power.

    Args:
        power: Pictures of mean power 1, shape (batch, frames, bands).
        targets: Probabilities of the labels, shape (batch, labels).
        share: How many of the pictures, 0..1.
        rng: Source of randomness.

    Returns:
        Pictures and probabilities of the same shapes.
    """
    batch = len(power)
    others = torch.from_numpy(rng.integers(batch, size=batch))
    level = 10 ** (-rng.uniform(0, 20, batch) / 10) * (rng.random(batch) < share)
    gain = torch.from_numpy(level).float()[:, None]
    blended = (targets + gain * targets[others]) / (1 + gain)
    return power + gain[..., None] * power[others], blended


def noisy(power: Tensor, noise: Tensor, *, share: float, rng: np.random.Generator) -> Tensor:
    """Add noise to some pictures, 3 to 40 dB weaker.

    Args:
        power: Shape (batch, frames, bands).
        noise: Pictures of noise, mean power 1, shape (any, frames or more, bands).
        share: How many of the pictures, 0..1.
        rng: Source of randomness.

    Returns:
        The same shape as `power`.
    """
    batch, frames, _ = power.shape
    level = 10 ** (-rng.uniform(3, 40, batch) / 10) * (rng.random(batch) < share)
    starts = rng.integers(0, noise.shape[1] - frames + 1, batch)
    chosen = rng.integers(len(noise), size=batch)
    pieces = [noise[which, start : start + frames] for which, start in zip(chosen, starts, strict=True)]
    gain = torch.from_numpy(level).float()[:, None, None]
    return power + gain * power.sum(dim=2).mean(dim=1)[:, None, None] * torch.stack(pieces)


def random_gains(batch: int, rng: np.random.Generator) -> Tensor:
    """One gain per picture between -15 and 5 dB.

    Args:
        batch: How many.
        rng: Source of randomness.

    Returns:
        Factors of power, shape (batch, 1, 1).
    """
    return torch.from_numpy(10 ** (rng.uniform(-15, 5, (batch, 1, 1)) / 10)).float()


def random_filters(batch: int, bands: int, rng: np.random.Generator) -> Tensor:
    """Random smooth gains over mel bands; a quarter of them also lose everything above some band.

    Args:
        batch: How many.
        bands: Mel bands.
        rng: Source of randomness.

    Returns:
        Factors of power, shape (batch, 1, bands): a deviation of 4 dB, except for what is cut.
    """
    knots = rng.normal(0, 4, (batch, 6))
    at = np.linspace(0, 5, bands)
    gains: NDArray[np.float64] = np.stack([np.interp(at, np.arange(6), row) for row in knots])
    last = rng.integers(bands // 3, bands, batch)
    last[rng.random(batch) < 0.75] = bands
    gains -= 2.5 * np.clip(np.arange(bands) - last[:, None], 0, 20)
    return torch.from_numpy(10 ** (gains[:, None] / 10)).float()


def masked(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """Hide up to 24 frames and up to 8 bands of every picture (Park et al. 2019, "SpecAugment").

    Args:
        pictures: Log-mel, shape (batch, frames, bands), mean about zero.
        rng: Source of randomness.

    Returns:
        The same shape, with zeros in the hidden parts.
    """
    batch, frames, bands = pictures.shape
    shown = torch.ones_like(pictures)
    for number in range(batch):
        length, height = int(rng.integers(0, 25)), int(rng.integers(0, 9))
        start, lowest = int(rng.integers(0, frames - length + 1)), int(rng.integers(0, bands - height + 1))
        shown[number, start : start + length] = 0
        shown[number, :, lowest : lowest + height] = 0
    return pictures * shown
