"""What PaSST looks at: mel spectrograms in natural logarithms, scaled to about -1 to 1.

The figures are those of the package hear21passt when it does not train: pre-emphasis, windows of 25 ms every
10 ms, 128 of Kaldi's mel filters up to 15 kHz.
"""

import torch
from torch import Tensor

from audiospace.hearing.mel import kaldi_bands

SAMPLE_RATE = 32000
"""Hertz."""

MELS = 128
_FFT, _WINDOW, _STEP = 1024, 800, 320
_TOP_HERTZ = 15000.0
_PRE_EMPHASIS = 0.97
_OFFSET, _MEAN, _SCALE = 1e-5, -4.5, 5.0


def log_mel(samples: Tensor) -> Tensor:
    """Compute the spectrogram of a sound.

    Args:
        samples: Shape (n,), at 32 kHz, n > 514.

    Returns:
        Shape (128, 1 + (n - 1) // 320): mel bands, times.
    """
    emphasised = samples[1:] - _PRE_EMPHASIS * samples[:-1]
    spectrum = torch.stft(
        emphasised,
        _FFT,
        hop_length=_STEP,
        win_length=_WINDOW,
        window=torch.hann_window(_WINDOW, periodic=False, device=samples.device),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )
    bands = torch.tensor(
        kaldi_bands(MELS, _FFT, SAMPLE_RATE, highest=_TOP_HERTZ), dtype=torch.float32, device=samples.device
    )
    power = spectrum.real.square() + spectrum.imag.square()
    return ((bands @ power + _OFFSET).log() - _MEAN) / _SCALE
