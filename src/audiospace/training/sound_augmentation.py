"""What a sound goes through before the judge-to-be hears it: other speeds, rooms, noise."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

FloatArray = NDArray[np.float32]


def changed_speed(sound: FloatArray, count: int) -> FloatArray:
    """Play a sound faster or slower, which moves its pitch too, so that it has `count` samples.

    Args:
        sound: Shape (n,).
        count: Wanted samples.

    Returns:
        Shape (count,), by linear interpolation.
    """
    at = np.linspace(0, len(sound) - 1, count)
    return np.interp(at, np.arange(len(sound)), sound).astype(np.float32)


def reverberated(sound: FloatArray, sample_rate: int, rng: np.random.Generator) -> FloatArray:
    """Add a room: exponentially decaying noise (Moorer 1979), 0.15 to 1.5 s of reverberation time.

    Args:
        sound: Shape (n,).
        sample_rate: Samples a second.
        rng: Source of randomness.

    Returns:
        The dry sound plus the room's, which is 15 dB weaker to 3 dB stronger; the same shape.
    """
    decay = float(np.exp(rng.uniform(np.log(0.15), np.log(1.5))))
    time = np.arange(round(decay * sample_rate), dtype=np.float32) / sample_rate
    # A level 60 dB lower after the reverberation time: exp(-6.91) is a thousandth.
    tail = rng.standard_normal(len(time), dtype=np.float32) * np.exp(-6.91 * time / np.float32(decay))
    size = next_fast_len(len(sound) + len(tail), real=True)
    wet = irfft(rfft(sound, size) * rfft(tail, size), size)[: len(sound)]
    gain = 10 ** (rng.uniform(-15, 3) / 20) * _rms(sound) / max(_rms(wet), 1e-9)
    return (sound + np.float32(gain) * wet).astype(np.float32)


def coloured_noise(count: int, rng: np.random.Generator) -> FloatArray:
    """Noise between white and brown.

    Args:
        count: Samples.
        rng: Source of randomness.

    Returns:
        Shape (count,), root mean square 1.
    """
    spectrum = rfft(rng.standard_normal(count, dtype=np.float32))
    spectrum[1:] *= np.arange(1, len(spectrum), dtype=np.float32) ** np.float32(-rng.uniform(0, 1))
    spectrum[0] = 0
    noise = irfft(spectrum, count)
    return (noise / np.float32(_rms(noise))).astype(np.float32)


def _rms(sound: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))
