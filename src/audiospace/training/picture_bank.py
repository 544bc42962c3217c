"""Mel-band powers of sounds drawn once, altered and kept in memory: what the judge learns from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from audiospace.hearing.log_mel import LogMel, levelled
from audiospace.simulate import SoundLibrary
from audiospace.training.sound_augmentation import changed_speed, coloured_noise, reverberated

FASTEST = 1.25
"""Largest factor by which a sound is sped up; slowing down goes as far."""
ROOMS = 0.3
"""Share of the altered sounds that are heard in a room."""
SPARE_SECONDS = 0.5
"""How much longer a kept sound is than what is cut from it."""


@dataclass(frozen=True, eq=False)
class PictureBank:
    """Pictures of sounds with their kinds.

    Attributes:
        power: Mel-band powers, shape (items, frames, bands), mean power 1.
        kinds: Number of the kind in the order of the library, shape (items,).
    """

    power: Tensor
    kinds: Tensor

    def __len__(self) -> int:
        return len(self.kinds)


def fill_bank(
    sounds: SoundLibrary,
    log_mel: LogMel,
    *,
    seconds: float,
    per_kind: int,
    seed: int,
    altered: bool = True,
    on_item: Callable[[int], None] | None = None,
) -> PictureBank:
    """Draw sounds of every kind.

    Args:
        sounds: Where they come from.
        log_mel: Makes the pictures.
        seconds: Least length of a sound.
        per_kind: Sounds of each kind.
        seed: Of the draws.
        altered: Whether sounds are played at other speeds and in rooms.
        on_item: Called after each sound with the number done.

    Returns:
        The bank.
    """
    rng, rate = np.random.default_rng(seed), log_mel.front_end.sample_rate
    count = round((seconds + SPARE_SECONDS) * rate)
    kinds = np.repeat(np.arange(len(sounds.kinds)), per_kind)
    power = []
    for number, kind in enumerate(kinds):
        speed = FASTEST ** rng.uniform(-1, 1) if altered else 1.0
        drawn = sounds.draw(sounds.kinds[kind], count * speed / rate, rate, rng)
        sound = changed_speed(drawn, count)
        if altered and rng.random() < ROOMS:
            sound = reverberated(sound, rate, rng)
        power.append(log_mel.power(levelled(torch.from_numpy(sound)[None]))[0])
        if on_item is not None:
            on_item(number + 1)
    return PictureBank(torch.stack(power), torch.from_numpy(kinds))


def noise_pictures(log_mel: LogMel, *, seconds: float, items: int, seed: int) -> Tensor:
    """Pictures of noises between white and brown.

    Args:
        log_mel: Makes the pictures.
        seconds: Their length.
        items: How many.
        seed: Of the noises.

    Returns:
        Mel-band powers, shape (items, frames, bands), mean power 1 over all frequencies.
    """
    rng = np.random.default_rng(seed)
    count = round(seconds * log_mel.front_end.sample_rate)
    noises = np.stack([coloured_noise(count, rng) for _ in range(items)])
    return log_mel.power(torch.from_numpy(noises))
