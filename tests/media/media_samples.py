"""Small media files with known content, for the tests of this folder."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from audiospace.media import Sound

HEIGHT, WIDTH = 64, 128
# Grey levels far enough apart to survive lossy coding.
LEVELS = 40


def level(index: int) -> int:
    return 20 + 5 * (index % LEVELS)


def index_of(image: np.ndarray) -> int:
    """The number of the picture (modulo LEVELS) that an image shows."""
    return round((float(image.mean()) - 20) / 5)


def write_pictures(
    path: Path,
    times: Sequence[Fraction],
    *,
    codec: str = "h264",
    size: tuple[int, int] = (HEIGHT, WIDTH),
    sound: np.ndarray | None = None,
    first: Fraction = Fraction(0),
    rate: Fraction = Fraction(30),
    **options: str,
) -> Path:
    """A video whose picture k is of one grey level and is shown from times[k] on; stereo sound at 48 kHz."""
    with av.open(str(path), "w") as container:
        defaults = {"preset": "ultrafast"} if codec == "h264" else {"deadline": "realtime", "cpu-used": "8"}
        stream = container.add_stream(codec, rate=rate, options=defaults | options)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        audio = None if sound is None else container.add_stream("aac" if path.suffix == ".mp4" else "libopus")
        for k, time in enumerate(times):
            image = np.full((*size, 3), level(k), np.uint8)
            frame = VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = round((time + first) * 90_000)
            frame.time_base = Fraction(1, 90_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            frame = AudioFrame.from_ndarray(sound.astype(np.float32), format="fltp", layout="stereo")
            frame.sample_rate = 48_000
            frame.pts = 0
            frame.time_base = Fraction(1, 48_000)
            container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path


def regular(rate: Fraction | int, seconds: float) -> list[Fraction]:
    return [Fraction(k) / rate for k in range(round(seconds * float(rate)))]


def tones(seconds: float, channels: int = 4, sample_rate: int = 48_000) -> np.ndarray:
    """Noise bursts, independent in every channel, in a smooth band that all codecs keep."""
    rng = np.random.default_rng(7)
    n = round(seconds * sample_rate)
    spectrum = np.fft.rfft(rng.standard_normal((channels, n)))
    frequency = np.fft.rfftfreq(n, 1 / sample_rate)
    spectrum *= np.exp(-(((frequency - 1500) / 900) ** 2))
    sound = np.fft.irfft(spectrum, n)
    envelope = (np.sin(2 * np.pi * 3 * np.arange(n) / sample_rate) > -0.3).astype(float)
    sound *= envelope
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def in_blocks(samples: np.ndarray, block: int, sample_rate: int = 48_000) -> Sound:
    """An array as sound that comes in blocks of a length."""
    starts = range(0, samples.shape[1], block)
    return Sound(
        samples.shape[0],
        sample_rate,
        samples.shape[1],
        lambda: (samples[:, start : start + block] for start in starts),
    )


def whole(sound: Sound) -> np.ndarray:
    """All of a sound as an array, which is checked to be as it says."""
    samples = np.concatenate([np.zeros((sound.channels, 0), np.float32), *sound.blocks()], axis=1)
    assert samples.shape == (sound.channels, sound.samples)
    assert samples.dtype == np.float32
    return samples


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Correlation coefficients between the channels of two sounds, cut to the shorter."""
    n = min(a.shape[1], b.shape[1])
    return np.corrcoef(a[:, :n], b[:, :n])[: a.shape[0], a.shape[0] :]


def lag(reference: np.ndarray, delayed: np.ndarray, limit: int = 2400) -> int:
    """Samples by which one sound comes later than the other."""
    n = min(reference.size, delayed.size)
    size = 2 * n
    cross = np.fft.irfft(np.fft.rfft(delayed[:n], size) * np.conj(np.fft.rfft(reference[:n], size)), size)
    window = np.concatenate([cross[-limit:], cross[: limit + 1]])
    return int(np.argmax(window)) - limit
