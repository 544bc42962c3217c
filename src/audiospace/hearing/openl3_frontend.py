"""What OpenL3's audio network looks at: windows of one second, as mel spectrograms in decibels.

The figures are those of the package openl3 0.4.2 with kapre 0.3.7, which the published evaluations pin. The
network was trained on an older kapre's spectrogram (HTK mel bands of the power, rooted), so the two differ;
figures are comparable only with this one.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import upfirdn
from torch import Tensor

from audiospace.hearing.mel import slaney_bands

SAMPLE_RATE = 48000
"""Hertz, of what the windows are cut from."""

HOP_SECONDS = 0.5
"""From one window to the next, as in the published evaluations."""

MELS = 256
_FFT, _STEP = 2048, 242
_FLOOR, _RANGE = 1e-10, 80.0

# The filter called kaiser_best of the package resampy 0.2: zero crossings on either side, pass band, window.
_ZEROS, _ROLLOFF, _BETA = 64, 0.9475937167399596, 14.769656459379492


def to_model_rate(samples: NDArray[np.floating], rate: int) -> NDArray[np.float32]:
    """Bring a sound to 48 kHz with the filter that openl3 uses.

    Args:
        samples: Shape (n,).
        rate: Hertz, at most 48000.

    Returns:
        Shape (floor(n * 48000 / rate),), float32.
    """
    if rate == SAMPLE_RATE:
        return samples.astype(np.float32, copy=False)
    divisor = math.gcd(rate, SAMPLE_RATE)
    up, down = SAMPLE_RATE // divisor, rate // divisor
    time = np.arange(-_ZEROS * up, _ZEROS * up + 1) / up
    taps = _ROLLOFF * np.sinc(_ROLLOFF * time) * np.kaiser(len(time), _BETA)
    early = -_ZEROS * up % down  # so that the filter's delay is a whole number of new samples
    delay = (_ZEROS * up + early) // down
    filtered = upfirdn(np.pad(taps, (early, 0)), samples.astype(np.float64), up, down)
    return np.asarray(filtered[delay : delay + len(samples) * up // down], dtype=np.float32)


def windows_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut a sound into overlapping windows, the first of which is centred on the first sample.

    Args:
        samples: Shape (n,), at 48 kHz.

    Returns:
        Shape (windows, 48000): half a second of silence, the sound, and silence to fill the last window.
    """
    hop = int(HOP_SECONDS * SAMPLE_RATE)
    length = SAMPLE_RATE // 2 + len(samples)
    count = 1 + max(0, math.ceil((length - SAMPLE_RATE) / hop))
    padded = np.zeros(SAMPLE_RATE + (count - 1) * hop, dtype=np.float32)
    padded[SAMPLE_RATE // 2 : length] = samples
    return np.lib.stride_tricks.sliding_window_view(padded, SAMPLE_RATE)[::hop]


def log_mel(windows: Tensor) -> Tensor:
    """Compute spectrograms in decibels below the loudest point of each, no less than -80.

    Args:
        windows: Shape (windows, 48000).

    Returns:
        Shape (windows, 1, 256, 199): mel bands, times. Silence gives zeros.
    """
    times = math.ceil(windows.shape[-1] / _STEP)
    missing = (times - 1) * _STEP + _FFT - windows.shape[-1]
    frames = torch.nn.functional.pad(windows, (0, missing)).unfold(-1, _FFT, _STEP)
    magnitude = torch.fft.rfft(frames * torch.hann_window(_FFT, device=frames.device)).abs()
    bands = torch.tensor(slaney_bands(MELS, _FFT, SAMPLE_RATE), dtype=torch.float32, device=frames.device)
    decibels = 10.0 * (magnitude @ bands.T).clamp(min=_FLOOR).log10()
    loudest = decibels.amax(dim=(1, 2), keepdim=True)
    below: Tensor = (decibels - loudest).clamp(min=-_RANGE)
    return below.transpose(1, 2)[:, None]
