"""A sound field heard through headphones."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from audiospace.ambisonics.blocks import regroup
from audiospace.ambisonics.convention import CHANNELS, FloatArray, require_channels
from audiospace.ambisonics.harmonics import harmonics_of
from audiospace.ambisonics.head import EarResponses, Head, SphericalHead, diffuse_field_power

MAGNITUDE_ONLY_ABOVE = 1000.0
"""Hertz above which only the magnitude of the responses is matched. First order follows the phase about a
head of usual size to c / (2 pi radius) = 620 Hz. The ear follows it to 1.5 kHz, but going on to 1.5 or 2 kHz
costs sources in front 9 dB there, while the difference in time between the ears grows from 0.33 to 0.38 ms
only."""

_FILTER_SECONDS = 0.0116
"""Length of the filters: 512 samples at 44.1 kHz. A sphere rings for 3 ms, a measured ear for about 5 ms."""

_BLOCK = 1 << 16
"""Samples transformed at once."""

_DEFAULT_HEAD = SphericalHead()


def binaural(sound: FloatArray, sample_rate: float, head: Head = _DEFAULT_HEAD) -> FloatArray:
    """Render a sound field for headphones.

    Args:
        sound: AmbiX sound, shape (4, samples).
        sample_rate: Samples per second.
        head: Whose ears to listen with: by default a rigid sphere; `sofa.read_sofa` reads a measured one.

    Returns:
        Left and right, of the same type, shape (2, samples). There is no delay: what happens at time t at the
        place of the listener is heard at t, within the size of the head. The ear that faces a source hears it
        up to 7 dB louder than W is, so see to the peaks (`peak_safe_gain`) before writing integers.

    Raises:
        ValueError: The shape of the sound is another one.
    """
    require_channels(sound)
    if sound.ndim != 2:
        raise ValueError(f"expected sound of shape (4, samples), got {sound.shape}")
    empty = np.zeros((2, 0), dtype=sound.dtype)
    return np.concatenate([empty, *binaural_blocks([sound], sample_rate, head)], axis=-1)


def binaural_blocks(
    blocks: Iterable[FloatArray], sample_rate: float, head: Head = _DEFAULT_HEAD
) -> Iterator[FloatArray]:
    """Render a sound field that arrives in blocks for headphones; the same samples however it is cut.

    Args:
        blocks: Pieces of an AmbiX sound in order, each of shape (4, n) for any n.
        sample_rate: Samples per second.
        head: Whose ears to listen with, as for `binaural`.

    Yields:
        Pieces of left and right, shape (2, m), as many samples in all as there are in the blocks.
    """
    taps = binaural_filters(sample_rate, head).shape[-1]
    size = next_fast_len(_BLOCK + taps - 1, real=True)
    # The filters look ahead by half their length: so much comes out too early, and is skipped.
    skipped = delay = taps // 2
    tail: FloatArray = np.zeros((2, taps - 1), dtype=np.float32)
    for block in regroup(blocks, _BLOCK):
        samples = block.shape[-1]
        spectra = _filter_spectra(sample_rate, head, block.dtype, size)
        ears = irfft(np.einsum("ecf,cf->ef", spectra, rfft(block, size)), size)[:, : samples + taps - 1]
        ears[:, : taps - 1] += tail
        yield ears[:, skipped:samples]
        tail = ears[:, samples:]
        skipped = max(0, skipped - samples)
    yield tail[:, skipped:delay]


@lru_cache(maxsize=8)
def _filter_spectra(
    sample_rate: float, head: Head, dtype: np.dtype[np.floating], size: int
) -> NDArray[np.complexfloating]:
    """Spectra (2, 4, bins) of the filters in the precision of the sound."""
    return np.asarray(rfft(binaural_filters(sample_rate, head).astype(dtype), size))


@lru_cache(maxsize=8)
def binaural_filters(sample_rate: float, head: Head = _DEFAULT_HEAD) -> NDArray[np.float64]:
    """Design the filters from the four channels to the two ears by magnitude least squares.

    Schoerkhuber, Zaunschirm and Hoeldrich, "Binaural rendering of ambisonic signals via magnitude least
    squares", DAGA 2018. Below `MAGNITUDE_ONLY_ABOVE` the filters match the head's responses in the least
    squares sense over the whole sphere; above, they match the magnitudes, and the phase continues that of the
    frequency below. Then one gain per frequency, the same for both ears, restores the power that the ears get
    from a diffuse field, which least squares lowers.

    Args:
        sample_rate: Samples per second.
        head: Whose ears to listen with.

    Returns:
        Impulse responses, shape (2, 4, taps), with time zero at the middle, tap taps // 2. Read-only.
    """
    taps = 2 * round(_FILTER_SECONDS * sample_rate / 2)
    frequencies = np.asarray(np.fft.rfftfreq(taps, 1 / sample_rate), dtype=np.float64)
    responses = head.responses(frequencies)
    first_free = int(np.searchsorted(frequencies, MAGNITUDE_ONLY_ABOVE))
    spectra = np.stack([_match(responses, ear, first_free) for ear in (responses.left, responses.right)])
    spectra *= _diffuse_field_gain(responses, spectra)
    spectra[..., [0, -1]] = spectra[..., [0, -1]].real
    filters = np.fft.fftshift(np.fft.irfft(spectra, taps), axes=-1)
    filters *= _fade(taps)
    filters.flags.writeable = False
    return filters


def _match(responses: EarResponses, ear: NDArray[np.complex128], first_free: int) -> NDArray[np.complex128]:
    """Fit one ear's filters to its responses (f, k), in magnitude only from bin `first_free` on; (4, f)."""
    harmonics = harmonics_of(responses.directions)
    root = np.sqrt(responses.weights)
    solve = np.linalg.pinv(root[:, None] * harmonics) * root
    fitted = np.zeros((len(ear), CHANNELS), dtype=np.complex128)
    fitted[:first_free] = ear[:first_free] @ solve.T
    for k in range(first_free, len(ear)):
        phase = np.angle(harmonics @ fitted[k - 1])
        fitted[k] = solve @ (np.abs(ear[k]) * np.exp(1j * phase))
    return fitted.T


def _diffuse_field_gain(responses: EarResponses, spectra: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Gain (f,) that gives both ears together their true power in a diffuse field, for spectra (2, 4, f)."""
    rendered = np.einsum("kc,ecf->efk", harmonics_of(responses.directions), spectra)
    power = np.mean(np.abs(rendered) ** 2, axis=0) @ responses.weights
    return np.asarray(np.sqrt(diffuse_field_power(responses) / power))


def _fade(taps: int) -> NDArray[np.float64]:
    """Window (taps,) that is 1 but for raised-cosine slopes over the first and the last eighth."""
    slope = np.sin(np.pi / 2 * (np.arange(taps // 8) + 0.5) / (taps // 8)) ** 2
    return np.concatenate([slope, np.ones(taps - 2 * len(slope)), slope[::-1]])
