import math

import numpy as np
import pytest
import torch

from audiospace.ambisonics import rotate
from audiospace.errors import UserError
from audiospace.training.losses import (
    CARDIOIDS,
    CHANNELS,
    VAELossConfig,
    a_weighting,
    band_level_distance,
    band_members,
    channels_and_cardioids,
    discriminator_hinge,
    feature_distance,
    generator_hinge,
    intensity_distance,
    magnitude_distance,
    random_rotation,
    reconstruction_losses,
    shortest_signal,
    spectrum,
)

RATE = 44100


def plane_wave(azimuth: float, seed: int = 0, gain: float = 1.0) -> torch.Tensor:
    mono = gain * torch.randn(1, 1, 16384, generator=torch.Generator().manual_seed(seed))
    return mono * torch.tensor([1.0, math.sin(azimuth), 0.0, math.cos(azimuth)])[None, :, None]


def rotations(count: int) -> torch.Tensor:
    return torch.stack([random_rotation(torch.Generator().manual_seed(seed)) for seed in range(count)])


@pytest.mark.parametrize("overlap", [2, 4])
def test_spectrum_equals_the_short_time_transform_of_torch(overlap):
    signal = torch.randn(3, 8192 + 777, generator=torch.Generator().manual_seed(1))
    window = torch.hann_window(512)
    reference = torch.stft(
        signal, 512, 512 // overlap, window=window, center=False, return_complex=True
    ).transpose(1, 2)
    found = spectrum(signal, 512, overlap)
    assert reference.shape[1] - found.shape[1] < overlap
    scale = window.square().sum().sqrt()
    torch.testing.assert_close(found * scale, reference[:, : found.shape[1]], atol=1e-3, rtol=1e-4)


def test_spectrum_needs_as_many_samples_as_it_says():
    least = shortest_signal(128, 4)
    assert spectrum(torch.randn(least), 128, 4).shape == (4, 65)
    with pytest.raises(ValueError, match=str(least)):
        spectrum(torch.randn(least - 1), 128, 4)


def test_spectrum_keeps_the_deviation_of_white_noise():
    noise = 0.3 * torch.randn(4, 65536, generator=torch.Generator().manual_seed(1))
    assert spectrum(noise, 512).abs().square().mean().sqrt() == pytest.approx(0.3, rel=0.02)


def test_spectrum_finds_a_tone_in_its_bin():
    tone = torch.sin(2 * math.pi * 32 / 512 * torch.arange(8192))
    assert spectrum(tone, 512).abs().mean(dim=0).argmax() == 32


def test_magnitude_distance_ignores_phase_and_sees_level():
    a = spectrum(torch.randn(1, 2, 8192, generator=torch.Generator().manual_seed(2)), 512)
    assert magnitude_distance(-a, a) == pytest.approx(0.0, abs=1e-5)
    assert magnitude_distance(2 * a, a) > magnitude_distance(1.2 * a, a) > 0.1


def test_band_levels_of_two_draws_of_one_noise_agree_where_magnitudes_do_not():
    a, b = (spectrum(plane_wave(0.3, seed), 512) for seed in (1, 2))
    assert band_level_distance(a[:, :1], b[:, :1], bands=6) < 0.8 * magnitude_distance(a[:, :1], b[:, :1])
    assert band_level_distance(2 * a[:, :1], a[:, :1]) == pytest.approx(math.log(4), rel=0.01)


def test_every_bin_but_the_first_is_in_exactly_one_band():
    members = band_members(257, 24)
    assert torch.equal(members[1:].sum(dim=1), torch.ones(256))


def test_random_rotations_are_rotations():
    generator = torch.Generator().manual_seed(3)
    for _ in range(20):
        rotation = random_rotation(generator)
        torch.testing.assert_close(rotation @ rotation.T, torch.eye(3), atol=1e-5, rtol=0)
        assert torch.linalg.det(rotation) == pytest.approx(1.0, abs=1e-5)


def test_a_wave_from_an_axis_is_alone_in_the_cardioid_that_looks_there():
    directions = {"left": math.pi / 2, "right": -math.pi / 2, "front": 0.0, "back": math.pi}
    for name, (ahead, behind) in {"left": (4, 5), "right": (5, 4), "front": (8, 9), "back": (9, 8)}.items():
        wave = plane_wave(directions[name])
        signals = channels_and_cardioids(wave, torch.eye(3)[None])
        torch.testing.assert_close(signals[:, ahead], wave[:, 0], atol=1e-5, rtol=0)
        assert signals[:, behind].abs().max() < 1e-5
        torch.testing.assert_close(signals[:, CHANNELS], wave)


def test_opposite_cardioids_add_up_to_the_omnidirectional_channel():
    field = torch.randn(2, 4, 1000)
    cardioids = channels_and_cardioids(field, rotations(2))[:, CARDIOIDS]
    for first in (0, 2, 4):
        torch.testing.assert_close(
            cardioids[:, first] + cardioids[:, first + 1], field[:, 0], atol=1e-5, rtol=0
        )


def test_turning_the_axes_is_turning_the_field():
    field = torch.randn(3, 4, 500)
    turned = rotations(3)
    by_hand = [rotate(item.numpy(), matrix.numpy()) for item, matrix in zip(field, turned, strict=True)]
    upright = torch.eye(3).expand(3, 3, 3)
    expected = channels_and_cardioids(torch.from_numpy(np.stack(by_hand)).float(), upright)
    torch.testing.assert_close(channels_and_cardioids(field, turned), expected, atol=1e-5, rtol=0)


def test_intensity_distance_grows_with_the_angle_and_not_with_the_level():
    reference = spectrum(plane_wave(0.0), 512)
    angles = [0.0, 0.3, 1.0, 2.0, math.pi]
    distances = [float(intensity_distance(spectrum(plane_wave(a, gain=0.5), 512), reference)) for a in angles]
    assert distances[0] == pytest.approx(0.0, abs=1e-3)
    assert distances == sorted(distances)
    assert distances[-1] == pytest.approx(2.0, abs=0.05)


def test_a_signal_that_should_be_silent_does_not_drown_the_others():
    wave = spectrum(plane_wave(0.0), 512)
    noisy = wave + 0.001 * spectrum(torch.randn(1, 4, 16384, generator=torch.Generator().manual_seed(8)), 512)
    upright = torch.eye(3)[None]
    a, b = (channels_and_cardioids(field, upright) for field in (noisy, wave))
    assert magnitude_distance(a[:, :1], b[:, :1]) < 0.1
    assert magnitude_distance(a, b) < 2.0


def test_the_cardioids_hear_that_left_and_right_are_swapped_where_the_channels_do_not():
    left = plane_wave(math.pi / 2)
    right = left * torch.tensor([1.0, -1.0, 1.0, 1.0])[None, :, None]
    config = VAELossConfig(turned=False)
    terms = reconstruction_losses(right, left, torch.eye(3)[None], config=config, sample_rate=RATE)
    assert terms["channels"] < 1e-4
    assert terms["cardioids"] > 1.0
    assert terms["intensity"] == pytest.approx(2.0, abs=0.05)


def test_a_weighting_has_the_values_of_the_standard():
    table = {63: -26.2, 100: -19.1, 1000: 0.0, 2500: 1.3, 4000: 1.0, 10000: -2.5}  # IEC 61672-1
    gains = a_weighting(88201, 88200 * 2)
    for frequency, decibels in table.items():
        assert 20 * math.log10(gains[round(frequency)]) == pytest.approx(decibels, abs=0.2)


@pytest.mark.parametrize("wrong", [{"resolutions": ()}, {"overlap": 0}, {"intensity_window": 4}])
def test_windows_that_make_no_spectra_are_refused(wrong):
    with pytest.raises(UserError, match="makes no spectra"):
        VAELossConfig(**wrong)


def test_w_alone_hears_levels_and_not_directions():
    config = VAELossConfig(
        resolutions=(256,), omni=True, channels=1, cardioids=0, level=1, intensity=0, perceptual=False
    )

    def losses(estimate: torch.Tensor) -> dict[str, torch.Tensor]:
        target = plane_wave(0.5)
        return reconstruction_losses(estimate, target, rotations(1), config=config, sample_rate=RATE)

    elsewhere, louder = losses(plane_wave(2.0)), losses(plane_wave(0.5, gain=2.0))
    assert set(elsewhere) == {"channels", "level"}
    assert all(float(loss) == pytest.approx(0.0, abs=1e-5) for loss in elsewhere.values())
    assert float(louder["level"]) == pytest.approx(math.log(4), rel=0.01)
    assert float(louder["channels"]) == pytest.approx(1 + math.log(2), rel=0.01)


def test_sums_and_differences_of_w_alone_are_refused():
    with pytest.raises(UserError, match="cardioids"):
        VAELossConfig(omni=True, cardioids=1.0)


def test_losses_of_weight_zero_are_left_out():
    fields = torch.randn(2, 1, 4, 4096)
    config = VAELossConfig(resolutions=(256,), cardioids=0, level=0, intensity=0, waveform=1.0)
    terms = reconstruction_losses(*fields, torch.eye(3)[None], config=config, sample_rate=RATE)
    assert set(terms) == {"channels", "waveform"}


def test_every_reconstruction_loss_is_the_mean_over_items():
    generator = torch.Generator().manual_seed(5)
    loud = torch.tensor([1.0, 0.01])[:, None, None]
    a, b = (loud * torch.randn(2, 4, 8192, generator=generator) for _ in range(2))
    config, turned = VAELossConfig(level=1.0, waveform=1.0), rotations(2)
    whole = reconstruction_losses(a, b, turned, config=config, sample_rate=RATE)
    parts = [
        reconstruction_losses(a[i : i + 1], b[i : i + 1], turned[i : i + 1], config=config, sample_rate=RATE)
        for i in range(2)
    ]
    for name, value in whole.items():
        assert value == pytest.approx(float(parts[0][name] + parts[1][name]) / 2, rel=1e-4), name


def test_losses_have_finite_gradients_on_silence():
    estimate = torch.zeros(1, 4, 4096, requires_grad=True)
    config = VAELossConfig(level=1.0, waveform=1.0)
    terms = reconstruction_losses(
        estimate, torch.zeros(1, 4, 4096), torch.eye(3)[None], config=config, sample_rate=RATE
    )
    torch.stack(list(terms.values())).sum().backward()
    assert torch.isfinite(estimate.grad).all()


def test_hinge_losses_at_known_scores():
    real, made = [torch.tensor([2.0, 0.0])], [torch.tensor([-2.0, 0.5])]
    assert discriminator_hinge(real, made) == pytest.approx(0.5 + 0.75)
    assert generator_hinge(made) == pytest.approx(0.75)
    nothing = [torch.zeros(3), torch.zeros(2)]
    assert discriminator_hinge(nothing, nothing) == pytest.approx(2.0)


def test_feature_distance_gives_layers_and_networks_equal_weight():
    real = [[torch.zeros(4), torch.zeros(1)], [torch.zeros(100)]]
    made = [[torch.ones(4), torch.zeros(1)], [torch.full((100,), 2.0)]]
    assert feature_distance(real, made) == pytest.approx((0.5 + 2.0) / 2)
