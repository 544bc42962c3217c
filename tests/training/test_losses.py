import math

import pytest
import torch

from audiospace.training.losses import (
    band_level_distance,
    band_members,
    intensity_distance,
    magnitude_distance,
    random_rotation,
    spectrum,
    tetrahedral_beams,
)

RATE = 44100


def plane_wave(azimuth: float, seed: int = 0, gain: float = 1.0) -> torch.Tensor:
    mono = gain * torch.randn(1, 1, 16384, generator=torch.Generator().manual_seed(seed))
    return mono * torch.tensor([1.0, math.sin(azimuth), 0.0, math.cos(azimuth)])[None, :, None]


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


def test_a_beam_hears_what_it_points_at_and_not_what_is_behind():
    # Turned so that its first corner, (1, 1, 1), points to the left.
    left, up = torch.tensor([0.0, 1.0, 0.0]), torch.tensor([1.0, 1.0, 1.0]) / 3**0.5
    axis = torch.linalg.cross(up, left)
    sine, cosine = axis.norm(), up @ left
    x, y, z = axis / sine
    cross = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = torch.eye(3) + sine * cross + (1 - cosine) * cross @ cross
    from_left = tetrahedral_beams(plane_wave(math.pi / 2), rotation)[0, 0]
    from_right = tetrahedral_beams(plane_wave(-math.pi / 2), rotation)[0, 0]
    torch.testing.assert_close(from_left, plane_wave(math.pi / 2)[0, 0], atol=1e-5, rtol=0)
    assert from_right.abs().max() < 1e-5


def test_the_four_beams_add_up_to_twice_the_omnidirectional_channel():
    field = torch.randn(2, 4, 1000)
    beams = tetrahedral_beams(field, random_rotation(torch.Generator().manual_seed(4)))
    torch.testing.assert_close(beams.sum(dim=1), 2 * field[:, 0], atol=1e-5, rtol=0)


def test_intensity_distance_grows_with_the_angle_and_not_with_the_level():
    reference = spectrum(plane_wave(0.0), 512)
    angles = [0.0, 0.3, 1.0, 2.0, math.pi]
    distances = [float(intensity_distance(spectrum(plane_wave(a, gain=0.5), 512), reference)) for a in angles]
    assert distances[0] == pytest.approx(0.0, abs=1e-3)
    assert distances == sorted(distances)
    assert distances[-1] == pytest.approx(2.0, abs=0.05)
