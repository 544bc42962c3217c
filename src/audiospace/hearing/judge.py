"""The embedded recogniser of sounds: small, trained by this project, always at hand and never comparable."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from audiospace.hearing.embedder import Heard
from audiospace.hearing.judge_file import JudgeParts, embedded_judge, read_judge
from audiospace.hearing.log_mel import FrontEnd, LogMel, levelled
from audiospace.hearing.mono import omnidirectional_mono

QUIETEST = 1e-4
"""Windows whose power is below this share of the loudest window's have no say in the logits (-40 dB)."""
_BATCH = 16


class SoundJudge:
    """Embeddings of 2 s windows, 1 s apart, and logits of the 28 kinds of `simulate.KINDS`.

    It hears the omnidirectional part alone: channel 0 of AmbiX, the mean of other channels. The
    level of the sound as a whole does not matter (down to -100 dBFS); levels within it do. Figures made with
    it are not comparable with published ones; `docs/sound-judge.md` says what it was trained on, how well it
    does and what it cannot tell.

    Attributes:
        id: Name and digest of the weights.
        title: Name for tables.
        sample_rate: Samples a second.
        dimensions: Length of an embedding.
        labels: The kinds, in the order of the logits.
        comparable: False.

    Args:
        parts: What its file holds.
    """

    title = "sound-judge"
    comparable = False

    def __init__(self, parts: JudgeParts) -> None:
        self.id = f"{self.title}-{parts.digest}"
        self.labels: tuple[str, ...] | None = parts.labels
        self.sample_rate = parts.front_end.sample_rate
        self.dimensions = parts.classifier.shape.dimensions
        self._classifier = parts.classifier
        self._log_mel = LogMel(parts.front_end)

    @classmethod
    def load(cls, path: Path | None = None) -> "SoundJudge":
        """Read a judge's weights.

        Args:
            path: A file written by `judge_file.save_judge`; the one that ships with the package without one.

        Returns:
            The judge.

        Raises:
            UserError: The file is missing, damaged or of another kind.
        """
        return cls(read_judge(path or embedded_judge()))

    def hear(self, sound: NDArray[np.floating]) -> Heard:
        """Listen to one sound.

        Args:
            sound: Samples at `sample_rate`, shape (channels, n), n >= 1; four channels are AmbiX. A sound
                shorter than 2 s is followed by silence; the last window ends with the sound.

        Returns:
            Embeddings of all windows, and the mean logits of those that are not silent next to the loudest.

        Raises:
            ValueError: The shape is another one, or a sample is not finite.
        """
        mono = omnidirectional_mono(sound)
        if not np.isfinite(sound).all():
            raise ValueError("the sound holds samples that are not finite")
        with torch.inference_mode():
            signal = levelled(torch.tensor(mono)[None])
            windows = split_windows(self._log_mel.power(signal)[0], self._log_mel.front_end)
            pictures = self._log_mel.picture(windows)
            embeddings = torch.cat([self._classifier.embed(part) for part in torch.split(pictures, _BATCH)])
            logits = self._classifier.classify(embeddings)
            power = windows.sum(dim=(1, 2))
            heard = logits[power >= QUIETEST * power.max()].mean(dim=0)
        return Heard(embeddings.numpy(), heard.numpy())


def split_windows(power: Tensor, front_end: FrontEnd) -> Tensor:
    """Cut band powers into overlapping windows.

    Args:
        power: Shape (frames, bands).
        front_end: Length and step of the windows.

    Returns:
        Shape (windows, window_frames, bands); the last window ends with the last frame, and too short a sound
        is followed by silence.
    """
    length, step = front_end.window_frames, front_end.window_step
    if len(power) < length:
        return torch.nn.functional.pad(power, (0, 0, 0, length - len(power)))[None]
    last = len(power) - length
    starts = sorted({*range(0, last + 1, step), last})
    return torch.stack([power[start : start + length] for start in starts])
