"""The judge's front end: waveforms to log-mel pictures whose level says nothing about the sound's level."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from audiospace.hearing.mel import htk_bands

SILENCE = 1e-5
"""Root mean square below which a sound counts as silent and is not raised further."""


@dataclass(frozen=True)
class FrontEnd:
    """Settings of the front end; they travel with the weights.

    Attributes:
        sample_rate: Samples a second.
        size: Samples of a Hann-windowed frame.
        hop: Samples between frames.
        bands: Mel bands.
        lowest: Lower edge of the first band, hertz.
        highest: Upper edge of the last band, hertz.
        floor: Added to a band's power before the logarithm; the sound's mean power is 1.
        window_frames: Frames that the classifier sees at once.
        window_step: Frames between windows.
    """

    sample_rate: int = 32000
    size: int = 1024
    hop: int = 500
    bands: int = 64
    lowest: float = 50.0
    highest: float = 14000.0
    floor: float = 1e-6
    window_frames: int = 128
    window_step: int = 64


def levelled(sound: Tensor) -> Tensor:
    """Bring sounds to a mean power of 1, silence to no more than its share of it.

    Args:
        sound: Samples, shape (..., n).

    Returns:
        The sounds, each times one gain.
    """
    rms = sound.square().mean(dim=-1, keepdim=True).sqrt()
    return sound / rms.clamp_min(SILENCE)


class LogMel(nn.Module):
    """Levelled waveforms to log-mel pictures, about zero mean and unit deviation.

    Args:
        front_end: Settings.
    """

    window: Tensor
    filters: Tensor

    def __init__(self, front_end: FrontEnd) -> None:
        super().__init__()
        self.front_end = front_end
        window = torch.hann_window(front_end.size)
        # By Parseval's theorem, so that the bins of a one-sided spectrum sum to the frame's mean power.
        scale = math.sqrt(2.0 / (front_end.size * float(window.square().sum())))
        self.register_buffer("window", window * scale, persistent=False)
        filters = htk_bands(
            front_end.bands,
            front_end.size,
            front_end.sample_rate,
            lowest=front_end.lowest,
            highest=front_end.highest,
        )
        self.register_buffer(
            "filters", torch.tensor(filters, dtype=torch.float32).T.contiguous(), persistent=False
        )

    def power(self, sound: Tensor) -> Tensor:
        """Power in mel bands.

        Args:
            sound: Samples, shape (batch, n), n >= 1.

        Returns:
            Shape (batch, frames, bands), one frame per hop: ceil(n / hop) of them, centred on their hops.
        """
        size, hop = self.front_end.size, self.front_end.hop
        frames = -(-sound.shape[-1] // hop)
        before = (size - hop) // 2
        after = (frames - 1) * hop + size - before - sound.shape[-1]
        padded = nn.functional.pad(sound, (before, after))
        spectra = torch.fft.rfft(padded.unfold(-1, size, hop) * self.window)
        bands: Tensor = torch.view_as_real(spectra).square().sum(dim=-1) @ self.filters
        return bands

    def picture(self, power: Tensor) -> Tensor:
        """Logarithm of band powers, scaled so that common sounds have about zero mean and unit deviation.

        Args:
            power: Shape (..., bands).

        Returns:
            The same shape.
        """
        return (torch.log10(power + self.front_end.floor) + 3.5) / 1.3

    def forward(self, sound: Tensor) -> Tensor:
        """Waveforms, shape (batch, n), to pictures, shape (batch, frames, bands)."""
        return self.picture(self.power(sound))
