import numpy as np
import pytest
import torch

from audiospace.hearing.mono import omnidirectional_mono, published_mono
from audiospace.hearing.openl3_frontend import log_mel, to_model_rate, windows_of


def slaney_hertz(mel):
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def reference_spectrogram(window):
    """Frame by frame and band by band, from the formulas of kapre 0.3.7 and librosa."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2048)
    padded = np.concatenate([window, np.zeros(4096)])
    magnitude = np.array(
        [np.abs(np.fft.rfft(padded[242 * t : 242 * t + 2048] * hann)) for t in range(199)],
    )
    top = 15 + 27 * np.log(24000 / 1000) / np.log(6.4)
    edges = [slaney_hertz(top * index / 257) for index in range(258)]
    bins = np.arange(1025) * 48000 / 2048
    mel = np.empty((256, 199))
    for band in range(256):
        low, centre, high = edges[band : band + 3]
        weights = np.interp(bins, [low, centre, high], [0, 1, 0], left=0, right=0) * 2 / (high - low)
        mel[band] = magnitude @ weights
    decibels = 10 * np.log10(np.maximum(mel, 1e-10))
    return np.maximum(decibels - decibels.max(), -80)


@pytest.fixture
def noise():
    return np.random.default_rng(0).normal(size=48000).astype(np.float32)


def test_spectrogram_is_that_of_the_formulas(noise):
    quiet_end = noise * np.linspace(1, 1e-6, 48000, dtype=np.float32)
    ours = log_mel(torch.from_numpy(np.stack([quiet_end, noise])))
    assert ours.shape == (2, 1, 256, 199)
    assert np.allclose(ours[0, 0], reference_spectrogram(quiet_end), atol=2e-3)
    assert np.allclose(ours[1, 0], reference_spectrogram(noise), atol=2e-3)


def test_spectrogram_of_silence_is_zero():
    assert not log_mel(torch.zeros(1, 48000)).any()


def test_spectrogram_does_not_depend_on_loudness(noise):
    pair = log_mel(torch.from_numpy(np.stack([noise, 0.01 * noise])))
    assert torch.allclose(pair[0], pair[1], atol=1e-3)


@pytest.mark.parametrize(("seconds", "count"), [(0.3, 1), (0.5, 1), (1.0, 2), (1.1, 3), (10.0, 20)])
def test_windows_hold_every_sample_and_begin_with_half_a_second_of_silence(seconds, count):
    sound = 1 + np.arange(int(48000 * seconds), dtype=np.float32)
    windows = windows_of(sound)
    assert windows.shape == (count, 48000)
    joined = np.concatenate([windows[:, :24000].ravel(), windows[-1, 24000:]])
    assert np.array_equal(joined[24000 : 24000 + len(sound)], sound)
    assert not joined[:24000].any()
    assert not joined[24000 + len(sound) :].any()


def test_resampling_is_the_windowed_sinc_summed_directly():
    sound = np.random.default_rng(1).normal(size=400)
    ours = to_model_rate(sound, 44100)
    assert len(ours) == 400 * 160 // 147
    for index in (0, 3, 200, 434):
        distance = index * 147 / 160 - np.arange(400)
        near = np.abs(distance) <= 64
        window = np.i0(14.769656459379492 * np.sqrt(1 - (distance[near] / 64) ** 2)) / np.i0(
            14.769656459379492
        )
        taps = 0.9475937167399596 * np.sinc(0.9475937167399596 * distance[near]) * window
        assert ours[index] == pytest.approx(sound[near] @ taps, abs=1e-5)


def test_resampling_keeps_a_tone():
    tone = np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100)
    expected = np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    assert np.allclose(to_model_rate(tone, 44100)[500:-500], expected[500:-500], atol=1e-4)


def test_published_mixture_is_a_beam_to_the_left_front_and_up():
    source = np.sin(np.arange(1000) * 0.3)

    def gain(direction):
        x, y, z = np.array(direction) / np.linalg.norm(direction)
        loud = np.array([10.0, 0.0, 0.0, 0.0])[:, None] * (np.arange(1000) == 0)  # fixes the peak
        mixed = published_mono(np.outer([1, y, z, x], source) + loud)
        return mixed[500] / source[500] / mixed[0] * 2.5

    assert gain([1, 1, 1]) == pytest.approx((1 + np.sqrt(3)) / 4, abs=1e-6)
    assert gain([-1, -1, -1]) == pytest.approx((1 - np.sqrt(3)) / 4, abs=1e-6)
    assert gain([1, 0, 0]) == pytest.approx(0.5, abs=1e-6)


def test_published_mixture_has_its_peak_at_minus_one_decibel():
    sound = np.random.default_rng(2).normal(size=(4, 300))
    mixed = published_mono(sound)
    assert np.abs(mixed).max() == pytest.approx(10 ** (-1 / 20))
    assert np.allclose(mixed / np.linalg.norm(mixed), sound.mean(0) / np.linalg.norm(sound.mean(0)))
    assert not published_mono(np.zeros((4, 10))).any()


def test_omnidirectional_mixture_is_w_of_four_channels_and_the_mean_of_two():
    sound = np.random.default_rng(3).normal(size=(4, 300))
    assert np.allclose(omnidirectional_mono(sound), sound[0])
    assert np.allclose(omnidirectional_mono(sound[:2]), sound[:2].mean(0))


@pytest.mark.parametrize("shape", [(300,), (4, 0), (0, 300)])
def test_mixing_refuses_what_is_no_sound(shape):
    with pytest.raises(ValueError, match="channels, samples"):
        published_mono(np.zeros(shape))
