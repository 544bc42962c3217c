import math

import pytest
import torch

from audiospace.training.reconstruction_error import (
    figures,
    octave_level_errors,
    reconstruction_error,
    si_sdr,
    stft_distance,
)

RATE = 44100


def wave(azimuth: float = 0.0, seed: int = 0) -> torch.Tensor:
    mono = 0.1 * torch.randn(16384, generator=torch.Generator().manual_seed(seed))
    return mono * torch.tensor([1.0, math.sin(azimuth), 0.0, math.cos(azimuth)])[:, None]


def test_an_error_of_a_known_share_has_the_known_ratio():
    target = wave()
    error = torch.randn(target.shape, generator=torch.Generator().manual_seed(1))
    error -= (error * target).sum() / target.square().sum() * target
    error *= 0.1 * target.norm() / error.norm()
    assert si_sdr(target + error, target) == pytest.approx(20.0, abs=0.01)


def test_the_ratio_ignores_scale_and_sees_one_turned_channel():
    assert si_sdr(0.3 * wave(), wave()) > 80
    mirrored = wave(1.0) * torch.tensor([1.0, -1.0, 1.0, 1.0])[:, None]
    assert si_sdr(mirrored, wave(1.0)) < 5


def test_the_angle_is_that_between_the_sources():
    error = reconstruction_error(wave(0.3), wave(0.3 + math.radians(25)), RATE)
    assert error.angle == pytest.approx(25, abs=0.01)


def test_another_draw_of_one_noise_is_nearer_than_noise_of_another_level():
    same, other = stft_distance(wave(seed=1), wave()), stft_distance(0.1 * wave(seed=1), wave())
    assert 0 == stft_distance(wave(), wave()) < same < other


def test_a_gain_is_the_error_of_every_octave():
    errors = octave_level_errors(0.5 * wave(1.0), wave(1.0), RATE)
    assert list(errors) == [62, 125, 250, 500, 1000, 2000, 4000, 8000]
    heard = [value * 4 / 3 for value in errors.values()]  # Z is silent in both
    assert heard == pytest.approx([20 * math.log10(2)] * 8, abs=0.01)


def test_a_missing_octave_shows_in_that_octave():
    target = wave()
    spectra = torch.fft.rfft(target)
    frequency = torch.fft.rfftfreq(target.shape[-1], 1 / RATE)
    spectra[:, (frequency > 2000 / math.sqrt(2)) & (frequency < 2000 * math.sqrt(2))] *= 0.1
    errors = octave_level_errors(torch.fft.irfft(spectra), target, RATE)
    assert max(errors, key=lambda hertz: errors[hertz]) == 2000
    assert errors[500] < 0.01


def test_figures_are_means_and_the_median_angle():
    errors = [reconstruction_error(wave(angle), wave(0.0), RATE) for angle in (0.1, 0.2, 1.0)]
    found = figures(errors)
    assert found["angle"] == pytest.approx(math.degrees(0.2), abs=0.01)
    assert found["angle_mean"] == pytest.approx(math.degrees(1.3 / 3), abs=0.01)
    assert {"si_sdr", "stft", "octaves", "octave_1000"} <= set(found)
