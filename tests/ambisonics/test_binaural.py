import time

import numpy as np
import pytest

from audiospace.ambisonics import SphericalHead, binaural, binaural_filters, encode, mirror
from audiospace.ambisonics.head import diffuse_field_power

RATE = 44100
NOISE = np.random.default_rng(0).standard_normal(RATE // 2)


def _band(ears, low, high):
    frequencies = np.fft.rfftfreq(ears.shape[-1], 1 / RATE)
    return np.fft.rfft(ears) * ((frequencies >= low) & (frequencies < high))


def _lead_of_the_left(ears, low=100, high=700):
    """Microseconds by which the left ear hears the sound earlier."""
    left, right = _band(ears, low, high)
    correlation = np.fft.fftshift(np.fft.irfft(right * np.conj(left), 8 * ears.shape[-1]))
    return (correlation.argmax() - len(correlation) // 2) / (8 * RATE) * 1e6


def _level_difference(ears, low, high):
    left, right = np.sum(np.abs(_band(ears, low, high)) ** 2, axis=-1)
    return 10 * np.log10(left / right)


def test_a_source_at_the_left_is_earlier_and_louder_at_the_left_ear():
    ears = binaural(encode(NOISE, np.pi / 2, 0.0), RATE)
    assert 500 < _lead_of_the_left(ears) < 800
    assert _level_difference(ears, 2000, 10000) > 8
    assert np.std(ears[0]) > 2 * np.std(ears[1])


def test_a_source_at_the_right_is_the_mirror_image():
    field = encode(NOISE, np.radians(50), 0.2)
    np.testing.assert_allclose(binaural(mirror(field), RATE), binaural(field, RATE)[::-1], atol=1e-9)


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 0), (180, 0), (0, 90), (0, -50)])
def test_sources_in_the_middle_reach_both_ears_alike(azimuth, elevation):
    left, right = binaural(encode(NOISE, np.radians(azimuth), np.radians(elevation)), RATE)
    np.testing.assert_allclose(left, right, atol=1e-9)


def test_the_lead_grows_with_the_angle():
    leads = [_lead_of_the_left(binaural(encode(NOISE, np.radians(d), 0.0), RATE)) for d in (0, 20, 45, 90)]
    assert leads == sorted(leads)
    # at low frequencies 3 radius / c sin(azimuth): Kuhn 1977
    assert leads[1] == pytest.approx(3 * 0.0875 / 343 * np.sin(np.radians(20)) * 1e6, rel=0.25)


def test_low_frequencies_pass_as_they_are():
    tone = np.sin(2 * np.pi * 60 * np.arange(RATE) / RATE)
    ears = binaural(encode(tone, 0.4, 0.1), RATE)
    np.testing.assert_allclose(np.std(ears, axis=-1), np.std(tone), rtol=0.06)


def test_nothing_is_delayed_or_cut():
    click = np.zeros(3000)
    click[1500] = 1.0
    ears = binaural(encode(click, 0.0, 0.0), RATE)
    assert ears.shape == (2, 3000)
    assert abs(int(np.abs(ears[0]).argmax()) - 1500) < 0.0004 * RATE


def test_diffuse_power_is_that_of_the_head():
    taps = binaural_filters(RATE).shape[-1]
    spectra = np.fft.rfft(binaural_filters(RATE), axis=-1)[..., ::8]
    frequencies = np.fft.rfftfreq(taps, 1 / RATE)[::8]
    rendered = np.sum(np.abs(spectra) ** 2 * np.array([1, 1 / 3, 1 / 3, 1 / 3])[:, None], axis=1).mean(axis=0)
    wanted = diffuse_field_power(SphericalHead().responses(frequencies))
    assert np.abs(10 * np.log10(rendered / wanted))[:-1].max() < 0.5


def test_low_frequencies_are_the_projection_on_the_harmonics():
    # least squares over the sphere: the filter of W is the mean of H, that of Y three times the mean of H y
    filters = binaural_filters(RATE)
    spectra = np.fft.rfft(np.fft.ifftshift(filters, axes=-1), axis=-1)[:, :, 4]
    responses = SphericalHead().responses(np.fft.rfftfreq(filters.shape[-1], 1 / RATE)[4:5])
    for ear, pressure in zip(spectra, (responses.left[0], responses.right[0]), strict=True):
        w = responses.weights @ pressure
        y = 3 * (responses.weights * responses.directions[:, 1]) @ pressure
        assert ear[1] / ear[0] == pytest.approx(y / w, rel=0.005)


def test_blocks_join_without_a_seam():
    field = np.random.default_rng(1).standard_normal((4, 150000))
    whole = binaural(field, RATE)
    part = binaural(field[:, 60000:70000], RATE)
    np.testing.assert_allclose(whole[:, 61000:69000], part[:, 1000:9000], atol=1e-9)


def test_float32_stays_and_is_close_to_exact():
    field = np.random.default_rng(1).standard_normal((4, 5000))
    single = binaural(field.astype(np.float32), RATE)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, binaural(field, RATE), atol=1e-4)


@pytest.mark.parametrize("rate", [16000, 48000])
def test_other_rates_and_heads(rate):
    ears = binaural(encode(NOISE, np.pi / 2, 0.0), rate, SphericalHead(radius=0.08))
    assert np.std(ears[0]) > 1.5 * np.std(ears[1])


def test_empty_sound():
    assert binaural(np.zeros((4, 0)), RATE).shape == (2, 0)


def test_ten_seconds_are_fast():
    field = np.random.default_rng(0).standard_normal((4, 10 * RATE)).astype(np.float32)
    start = time.perf_counter()
    binaural(field, RATE)
    assert time.perf_counter() - start < 2


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="4, samples"):
        binaural(np.zeros((2, 4, 10)), RATE)
