"""Sound files to arrays and back: every channel, in file order, at its own level."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import soundfile as sf
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray
from scipy.signal import resample_poly

from audiospace.errors import UserError
from audiospace.media.atomic import writing
from audiospace.media.opening import check_readable, open_media

_SOUNDFILE_SUFFIXES = {".wav", ".flac", ".w64", ".rf64", ".aif", ".aiff"}
_WRITTEN = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24")}
_INTEGER_SUBTYPES = {"PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32"}


@dataclass(frozen=True)
class Audio:
    """Sound from a file.

    Attributes:
        samples: Shape (channels, n), float32, full scale 1.
        sample_rate: Hertz.
        start: Seconds on the container's clock at which the first sample is heard.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    start: float = 0.0

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.samples.shape[1] / self.sample_rate)


def read_audio(path: str | Path, *, sample_rate: int | None = None, channels: int | None = None) -> Audio:
    """Read all the sound of a file.

    Channels come in file order and at file level: nothing is mixed, scaled or dropped. A four-channel
    Vorbis or AAC stream is not treated as a quadraphonic loudspeaker layout.

    Args:
        path: A WAV, FLAC, Ogg, Opus, WebM, MP4, MOV, ... file; of several sound streams, the first.
        sample_rate: Resample to this rate in hertz; by default the file's own.
        channels: Raise unless there are exactly this many; by default any number.

    Returns:
        The sound, sample 0 being the first one of the stream.

    Raises:
        UserError: The file cannot be read or decoded, holds no sound, or another number of channels.
    """
    file = Path(path)
    audio = _read_soundfile(file) if file.suffix.lower() in _SOUNDFILE_SUFFIXES else _read_stream(file)
    found = audio.samples.shape[0]
    if channels is not None and found != channels:
        raise UserError(
            f"has {found} sound channel{'s' if found != 1 else ''}, but {channels} are needed", file=file
        )
    if sample_rate is None:
        return audio
    return Audio(resample(audio.samples, audio.sample_rate, sample_rate), sample_rate, audio.start)


def write_audio(
    path: str | Path, samples: NDArray[np.floating], sample_rate: int, *, subtype: str | None = None
) -> Path:
    """Write a WAV or FLAC file with the channels as they are, at the level they are.

    Args:
        path: Ends in ``.wav`` or ``.flac``.
        samples: Shape (channels, n); full scale is 1.
        sample_rate: Hertz.
        subtype: A libsndfile sample format such as ``FLOAT``, ``PCM_24`` or ``PCM_16``; by default
            32-bit float for WAV and 24-bit integer for FLAC.

    Returns:
        The path written.

    Raises:
        UserError: The suffix is another one, or the file cannot be written.
        ValueError: Samples are not finite, or beyond full scale in an integer format.
    """
    file = Path(path)
    if file.suffix.lower() not in _WRITTEN:
        raise UserError("sound is written as .wav or .flac", file=file)
    kind, usual = _WRITTEN[file.suffix.lower()]
    chosen = usual if subtype is None else subtype
    if samples.ndim != 2:
        raise ValueError(f"samples must have shape (channels, n), not {samples.shape}")
    peak = float(np.max(np.abs(samples), initial=0.0))
    if not np.isfinite(peak):
        raise ValueError(f"samples for {file} are not all finite")
    if peak > 1 and chosen in _INTEGER_SUBTYPES:
        raise ValueError(f"peak {peak:.3f} would be clipped in {chosen}: normalise first or use FLOAT")
    with writing(file) as temporary:
        sf.write(temporary, samples.T, sample_rate, subtype=chosen, format=kind)
    return file


def resample(samples: NDArray[np.floating], source: int, target: int) -> NDArray[np.float32]:
    """Change the sample rate by polyphase filtering (linear phase: no delay between channels).

    Args:
        samples: Shape (..., n).
        source: Rate in hertz of ``samples``.
        target: Rate in hertz wanted.

    Returns:
        Shape (..., ceil(n * target / source)), float32.
    """
    if source == target:
        return samples.astype(np.float32, copy=False)
    divisor = gcd(source, target)
    resampled = resample_poly(samples, target // divisor, source // divisor, axis=-1)
    return np.asarray(resampled, dtype=np.float32)


def fit_length(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Cut the end off, or add silence to it, to get exactly the length wanted.

    Args:
        samples: Shape (..., n).
        length: Samples wanted.

    Returns:
        Shape (..., length).
    """
    missing = length - samples.shape[-1]
    if missing <= 0:
        return samples[..., :length]
    return np.pad(samples, [(0, 0)] * (samples.ndim - 1) + [(0, missing)])


def _read_soundfile(file: Path) -> Audio:
    check_readable(file)
    try:
        samples, rate = sf.read(file, dtype="float32", always_2d=True)
    except sf.LibsndfileError as error:
        raise UserError(f"is not a sound file that can be read ({error.error_string})", file=file) from error
    return Audio(np.ascontiguousarray(samples.T), int(rate))


def _read_stream(file: Path) -> Audio:
    with open_media(file) as container:
        if not container.streams.audio:
            raise UserError("has no sound", file=file)
        stream = container.streams.audio[0]
        rate = stream.codec_context.sample_rate
        parts: list[NDArray[np.float32]] = []
        begins = ends = None
        for packet in container.demux(stream):
            if packet.pts is not None and packet.duration:
                ends = packet.pts + packet.duration
            for frame in packet.decode():
                begins = frame.pts if begins is None else begins
                parts.append(_planes(frame))
        time_base = stream.time_base
    if not parts:
        raise UserError("has a sound stream, but nothing in it can be decoded", file=file)
    samples = np.concatenate(parts, axis=1)
    exact = time_base is not None and time_base * rate == 1
    if exact and begins is not None and ends is not None and 0 < ends - begins < samples.shape[1]:
        # The last packet of a coded stream says how many of its samples count; decoders give them all.
        samples = samples[:, : ends - begins]
    start = 0.0 if begins is None or time_base is None else float(begins * time_base)
    return Audio(samples, rate, start)


def _planes(frame: AudioFrame) -> NDArray[np.float32]:
    """Samples of a decoded frame as (channels, n) float32 with full scale 1."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if np.issubdtype(samples.dtype, np.floating):
        return samples.astype(np.float32)
    middle = 128.0 if samples.dtype == np.uint8 else 0.0
    bits = 8 * samples.dtype.itemsize
    return ((samples.astype(np.float64) - middle) / 2.0 ** (bits - 1)).astype(np.float32)


def encode_planar(
    stream: AudioStream, samples: NDArray[np.float32], chunk: int = 48000
) -> Iterator["Packet[AudioStream]"]:
    """Encode planar float samples with an open PyAV stream, the last packets included.

    Args:
        stream: An audio stream of an output container; its layout and rate fit the samples.
        samples: Shape (channels, n).
        chunk: Samples handed over at a time.

    Yields:
        Encoded packets in order.
    """
    context = stream.codec_context
    for begin in range(0, samples.shape[1], chunk):
        part = np.ascontiguousarray(samples[:, begin : begin + chunk], dtype=np.float32)
        frame = AudioFrame.from_ndarray(part, format="fltp", layout=context.layout.name)
        frame.sample_rate = context.sample_rate
        frame.pts = begin
        yield from stream.encode(frame)
    yield from stream.encode(None)
