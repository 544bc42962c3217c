"""Sound files to arrays and back: every channel, in file order, at its own level."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile as sf
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from audiospace.ambisonics import peak_of, regroup
from audiospace.errors import UserError
from audiospace.media.atomic import writing
from audiospace.media.decoding import open_sound
from audiospace.media.opening import check_readable
from audiospace.media.resampling import resample
from audiospace.media.sound import Sound, held

_SOUNDFILE_SUFFIXES = {".wav", ".flac", ".w64", ".rf64", ".aif", ".aiff"}
_WRITTEN = {".wav": ("WAV", "FLOAT"), ".flac": ("FLAC", "PCM_24")}
_WIDEST_SAMPLE = 4
_WAV_BYTES = 2**32 - 2**16
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
    return write_sound(path, held(samples, sample_rate), subtype=subtype)


def write_sound(path: str | Path, sound: Sound, *, subtype: str | None = None) -> Path:
    """Write sound of any length to a file, as ``write_audio`` does.

    Args:
        path: Ends in ``.wav`` or ``.flac``. A WAV that is too long for its 32-bit sizes becomes an RF64 file
            (EBU Tech 3306), which most programs read.
        sound: Full scale is 1.
        subtype: A libsndfile sample format, as for ``write_audio``.

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
    if kind == "WAV" and sound.channels * sound.samples * _WIDEST_SAMPLE > _WAV_BYTES:
        kind = "RF64"
    with (
        writing(file) as temporary,
        sf.SoundFile(temporary, "w", sound.sample_rate, sound.channels, chosen, format=kind) as written,
    ):
        for block in sound.blocks():
            _require_writable(block, chosen, file)
            written.write(block.T)
    return file


def _require_writable(block: NDArray[np.float32], subtype: str, file: Path) -> None:
    peak = peak_of([block])
    if not np.isfinite(peak):
        raise ValueError(f"samples for {file} are not all finite")
    if peak > 1 and subtype in _INTEGER_SUBTYPES:
        raise ValueError(f"peak {peak:.3f} would be clipped in {subtype}: normalise first or use FLOAT")


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
    stream = open_sound(file)
    return Audio(np.concatenate(list(stream.blocks()), axis=1), stream.sample_rate, stream.start)


def encode_sound(stream: AudioStream, sound: Sound, chunk: int = 48000) -> Iterator["Packet[AudioStream]"]:
    """Encode sound with an open PyAV stream, which converts it to its sample format, to the last packet.

    Args:
        stream: An audio stream of an output container; its layout and rate fit the sound.
        sound: The sound.
        chunk: Samples handed over at a time.

    Yields:
        Encoded packets in order.
    """
    context = stream.codec_context
    for index, part in enumerate(regroup(sound.blocks(), chunk)):
        samples = np.ascontiguousarray(part, dtype=np.float32)
        frame = AudioFrame.from_ndarray(samples, format="fltp", layout=context.layout.name)
        frame.sample_rate = context.sample_rate
        frame.pts = index * chunk
        frame.time_base = Fraction(1, context.sample_rate)
        yield from stream.encode(frame)
    yield from stream.encode(None)
