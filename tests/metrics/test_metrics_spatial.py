import numpy as np
import pytest

from audiospace.ambisonics import Convention, encode, from_ambix, rotate, rotation_matrix
from audiospace.metrics import (
    NoDirectionError,
    direction_errors,
    field_direction,
    field_errors,
    mean_direction,
    spatial_errors,
    summarise,
)


def noise(seed=0, samples=4800):
    return np.random.default_rng(seed).standard_normal(samples) * 0.1


def field(azimuth, elevation, seed=0):
    return encode(noise(seed), np.radians(azimuth), np.radians(elevation))


def unit(azimuth, elevation):
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.array([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)])


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (90, 0), (-135, 30), (180, -45), (10, 80)])
def test_direction_of_one_source_is_where_it_is(azimuth, elevation):
    assert mean_direction(field(azimuth, elevation)) == pytest.approx(unit(azimuth, elevation), abs=1e-6)


def test_known_errors():
    found = direction_errors(unit(0, 0), unit(90, 0))
    assert (found.azimuth, found.elevation, found.angle) == pytest.approx((np.pi / 2, 0, np.pi / 2), abs=1e-7)
    found = direction_errors(unit(0, 30), unit(180, 30))
    assert (found.azimuth, found.elevation, found.angle) == pytest.approx(
        (np.pi, 0, np.radians(120)), abs=1e-7
    )
    found = direction_errors(unit(20, -10), unit(20, 35))
    assert (found.azimuth, found.elevation, found.angle) == pytest.approx(
        (0, np.radians(45), np.radians(45)), abs=1e-7
    )


def test_azimuth_goes_the_short_way_round():
    assert direction_errors(unit(170, 0), unit(-170, 0)).azimuth == pytest.approx(np.radians(20), abs=1e-7)
    assert direction_errors(unit(-170, 0), unit(170, 0)).azimuth == pytest.approx(np.radians(20), abs=1e-7)


def test_errors_do_not_depend_on_gain_length_or_source_signal():
    reference = field(40, 10)
    for gain in (1e-3, 1.0, 20.0):
        generated = gain * field(70, -5, seed=3)[:, :3000]
        found = spatial_errors(reference, generated)
        assert found.azimuth == pytest.approx(np.radians(30), abs=1e-6)
        assert found.elevation == pytest.approx(np.radians(15), abs=1e-6)


def test_error_rises_with_the_rotation_and_is_symmetric():
    reference = field(0, 0)
    turned = [
        spatial_errors(reference, rotate(reference, rotation_matrix(np.radians(yaw), 0, 0))).angle
        for yaw in (0, 30, 60, 90, 120, 150, 180)
    ]
    assert np.all(np.diff(turned) > 0.5)
    left = spatial_errors(reference, field(50, 0)).angle
    right = spatial_errors(reference, field(-50, 0)).angle
    assert left == pytest.approx(right, abs=1e-9)


def test_swapped_channels_are_seen():
    reference = field(40, 10)
    swapped = from_ambix(reference, Convention.WXYZ)
    assert spatial_errors(reference, swapped).angle > 0.3


def test_two_opposite_sources_have_no_meaningful_direction():
    both = field(90, 0, seed=1) + field(-90, 0, seed=2)
    assert np.linalg.norm(mean_direction(both)) == pytest.approx(1.0)


@pytest.mark.parametrize("bad", [0.0, 1e-8, np.nan, np.inf])
def test_silence_and_rubbish_have_no_direction(bad):
    sound = np.zeros((4, 100)) + bad
    with pytest.raises(NoDirectionError):
        mean_direction(sound)


def test_silent_directional_channels_have_no_direction():
    sound = np.zeros((4, 1000))
    sound[0] = noise(samples=1000)
    with pytest.raises(NoDirectionError, match="intensity is zero"):
        mean_direction(sound)


@pytest.mark.parametrize("shape", [(2, 100), (4, 0), (4,), (1, 4, 100)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"shape \(4, samples\)"):
        mean_direction(np.ones(shape))


@pytest.mark.parametrize(("rate", "other_rate"), [(48000, 44100), (16000, 16000)])
def test_summaries_give_the_errors_of_the_samples(rate, other_rate):
    rng = np.random.default_rng(4)
    reference = rng.standard_normal((4, rate)).astype(np.float32) + field(30, 20, seed=1)[:, :1]
    generated = rng.standard_normal((4, other_rate // 2 + 17)).astype(np.float32)
    expected = spatial_errors(reference, generated)
    found = field_errors(summarise([reference], rate), summarise([generated], other_rate))
    assert found.azimuth == pytest.approx(expected.azimuth, abs=1e-9)
    assert found.elevation == pytest.approx(expected.elevation, abs=1e-9)
    assert found.angle == pytest.approx(expected.angle, abs=1e-9)


def test_a_summary_points_where_its_sound_does():
    assert field_direction(summarise([field(-70, 35)], 48000)) == pytest.approx(unit(-70, 35), abs=1e-9)


@pytest.mark.parametrize(
    ("sound", "reason"), [(np.zeros((4, 900)), "silent"), (np.eye(4)[:, :1] * noise(), "intensity is zero")]
)
def test_a_summary_without_direction_says_why(sound, reason):
    with pytest.raises(NoDirectionError, match=reason):
        field_errors(summarise([field(0, 0)], 48000), summarise([sound], 48000))
