import numpy as np
import pytest

from audiospace.ambisonics import SURROUND_CHANNELS, encode, first_order, mirror, mono, stereo, surround

NOISE = np.random.default_rng(0).standard_normal(500)
SPEAKERS = np.radians([30, -30, 0, 0, 110, -110])


def test_mono_is_what_was_encoded():
    np.testing.assert_array_equal(mono(encode(NOISE, 1.0, 0.4)), NOISE)


def test_stereo_of_a_source_at_the_left_and_in_front():
    np.testing.assert_allclose(stereo(encode(NOISE, np.pi / 2, 0.0)), [NOISE, 0 * NOISE], atol=1e-12)
    np.testing.assert_allclose(stereo(encode(NOISE, 0.0, 0.0)), [NOISE / 2, NOISE / 2])


def test_channels_of_surround():
    assert SURROUND_CHANNELS == ("L", "R", "C", "LFE", "Ls", "Rs")
    decoded = surround(encode(NOISE.astype(np.float32), 0.7, 0.2))
    assert decoded.shape == (6, 500)
    assert decoded.dtype == np.float32
    assert not decoded[3].any()


@pytest.mark.parametrize(("degrees", "loudest"), [(0, "C"), (50, "L"), (-50, "R"), (130, "Ls"), (-130, "Rs")])
def test_the_nearest_speaker_is_loudest(degrees, loudest):
    power = np.mean(surround(encode(NOISE, np.radians(degrees), 0.0)) ** 2, axis=-1)
    if loudest == "C":  # three speakers share the front: their energy vector points there
        assert np.angle(power @ np.exp(1j * SPEAKERS)) == pytest.approx(0, abs=1e-6)
    else:
        assert SURROUND_CHANNELS[power.argmax()] == loudest


def test_the_energy_vector_points_to_the_source():
    for azimuth in np.radians([-170, -100, -60, -20, 0, 20, 60, 100, 170]):
        power = np.mean(surround(encode(NOISE, azimuth, 0.0)) ** 2, axis=-1)
        error = np.angle(power @ np.exp(1j * SPEAKERS) * np.exp(-1j * azimuth))
        assert abs(error) < np.radians(25)


def test_surround_keeps_the_power_on_average_over_the_horizon():
    azimuths = np.linspace(-np.pi, np.pi, 73)[:-1]
    power = np.sum(surround(first_order(azimuths, 0.0).T) ** 2, axis=0)
    assert power.mean() == pytest.approx(1)
    assert 10 * np.log10(power.max() / power.min()) < 4


def test_mirrored_sound_mirrors_the_speakers():
    field = encode(NOISE, 0.8, 0.3)
    np.testing.assert_allclose(surround(mirror(field)), surround(field)[[1, 0, 2, 3, 5, 4]], atol=1e-12)
    np.testing.assert_allclose(stereo(mirror(field)), stereo(field)[::-1])
