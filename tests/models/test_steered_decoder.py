"""The parts that the small autoencoder adds to the published one."""

import math

import pytest
import torch

from audiospace.models import AudioVAE, VAEConfig
from audiospace.models.vae.analysis import FieldAnalysis
from audiospace.models.vae.bands import band_shapes
from audiospace.models.vae.noise import ShapedNoise
from audiospace.models.vae.steering import SteeredStems

CONFIG = VAEConfig(16000, 4, 8, (1, 2), (4, 4), 8, patch_size=16, stems=2, bands=6)


def test_bands_share_every_frequency_out():
    shapes = band_shapes(12, 512, 44100)
    torch.testing.assert_close(shapes.sum(dim=0), torch.ones(257))
    assert shapes.min() >= 0


def test_noise_has_the_level_it_is_told():
    noise = ShapedNoise(2, 6, 64, 16000)
    log_gains = torch.full((1, 2, 6, 400), math.log(0.2))
    made = noise(log_gains)[..., 64:]
    assert made.square().mean().sqrt() == pytest.approx(0.2, rel=0.05)


def test_noise_of_a_band_stays_in_it():
    noise = ShapedNoise(1, 6, 256, 16000)
    log_gains = torch.full((1, 1, 6, 60), -14.0)
    log_gains[:, :, 5] = 0.0
    power = torch.fft.rfft(noise(log_gains)[0, 0, 256:]).abs().square()
    half = len(power) // 4
    assert power[half:].sum() > 100 * power[:half].sum()


def test_noise_depends_on_the_absolute_block():
    noise = ShapedNoise(2, 6, 64, 16000)
    log_gains = torch.zeros(1, 2, 6, 20)
    whole = noise(log_gains)
    late = noise(log_gains[..., 8:], first_block=8)
    torch.testing.assert_close(late[..., 64:], whole[..., 9 * 64 :])
    assert not torch.allclose(noise(log_gains), noise(log_gains, first_block=1))


def test_stems_are_panned_by_their_vectors():
    torch.manual_seed(0)
    steering = SteeredStems(CONFIG, 5)
    with torch.no_grad():
        steering.parameters_out.weight.zero_()
        steering.parameters_out.bias[:6] = torch.atanh(torch.tensor([0.9, 0.0, 0.0, 0.0, 0.5, 0.0]))
    waveforms = torch.randn(1, 2, 40 * CONFIG.block)
    waveforms[:, 1] = 0
    with torch.no_grad():
        steering.parameters_out.bias[6:] = -16.0
        field = steering(waveforms, torch.zeros(1, 5, 40), first_frame=0)
    torch.testing.assert_close(field[:, 0], waveforms[:, 0], atol=1e-4, rtol=0)
    torch.testing.assert_close(field[:, 1], 0.9 * waveforms[:, 0], atol=1e-4, rtol=0)
    assert field[:, 2:].abs().max() < 1e-4


@pytest.mark.parametrize(("azimuth", "elevation"), [(0.0, 0.0), (1.2, 0.3), (-2.5, -1.0)])
def test_analysis_measures_the_direction_of_a_plane_wave(azimuth, elevation):
    mono = torch.randn(1, 1, CONFIG.hop * 8)
    gains = [
        1.0,
        math.sin(azimuth) * math.cos(elevation),
        math.sin(elevation),
        math.cos(azimuth) * math.cos(elevation),
    ]
    measured = FieldAnalysis(CONFIG).measure(mono * torch.tensor(gains)[None, :, None])
    intensity = measured[0, CONFIG.bands :].unflatten(0, (3, -1))
    expected = torch.tensor(gains[1:])[:, None, None].expand_as(intensity)
    torch.testing.assert_close(intensity, expected, atol=1e-3, rtol=0)


def test_analysis_levels_rise_with_the_sound():
    quiet = 0.01 * torch.randn(1, 4, CONFIG.hop * 8)
    analysis = FieldAnalysis(CONFIG)
    rise = analysis.measure(10 * quiet)[:, : CONFIG.bands] - analysis.measure(quiet)[:, : CONFIG.bands]
    torch.testing.assert_close(rise, torch.full_like(rise, 0.5), atol=0.05, rtol=0)


def test_a_steered_autoencoder_learns_from_every_part():
    torch.manual_seed(0)
    vae = AudioVAE(CONFIG)
    audio = torch.randn(2, 4, CONFIG.hop * 4)
    (vae.decode(vae.encode(audio).mean) - audio).square().mean().backward()
    assert all(
        value.grad is not None and value.grad.abs().sum() > 0 for _, value in vae.decoder.named_parameters()
    )
