import numpy as np
import pytest

from audiospace.ambisonics import encode
from audiospace.metrics import field_errors, published_errors, summarise


def published_formulas(reference, generated):
    """The published script, step by step, on samples in file order."""
    angles = []
    for sound in (reference, generated):
        w, x, y, z = sound
        intensity = np.mean(w * x), np.mean(w * y), np.mean(w * z)
        floored = np.sqrt(np.maximum(intensity[0] ** 2 + intensity[1] ** 2, 1e-6))
        angles.append((np.arctan2(intensity[1], intensity[0]), np.arctan2(intensity[2], floored)))
    (theta, phi), (theta_2, phi_2) = angles
    azimuth = min(abs(theta - theta_2), 2 * np.pi - abs(theta - theta_2))
    a = np.sin((phi - phi_2) / 2) ** 2 + np.cos(phi) * np.cos(phi_2) * np.sin((theta - theta_2) / 2) ** 2
    a = np.clip(a, 0, 1)
    return azimuth, abs(phi - phi_2), 2 * np.arctan2(np.sqrt(a), np.sqrt(1 - a))


def as_tuple(errors):
    return errors.azimuth, errors.elevation, errors.angle


@pytest.mark.parametrize("level_db", [-100, -70, -50, -40, -30, -20, -10, 0, 10])
def test_the_published_formulas_are_reproduced_at_every_loudness(level_db):
    rng = np.random.default_rng(level_db % 97)
    for _ in range(10):
        mixing = rng.standard_normal((2, 4, 4))
        gains = 10 ** ((level_db + rng.uniform(-10, 10, 2)) / 20)
        reference, generated = (
            g * m @ rng.standard_normal((4, 2000)) for g, m in zip(gains, mixing, strict=True)
        )
        found = published_errors(summarise([reference], 8000), summarise([generated], 8000))
        assert as_tuple(found) == pytest.approx(published_formulas(reference, generated), abs=1e-6)


def test_elevation_and_angle_depend_on_loudness():
    noise = np.random.default_rng(0).standard_normal(8000)
    reference = summarise([encode(noise, 0.5, 0.3)], 8000)
    loud = published_errors(reference, summarise([encode(0.1 * noise, 0.5, 0.3)], 8000))
    quiet = published_errors(reference, summarise([encode(0.005 * noise, 0.5, 0.3)], 8000))
    assert as_tuple(loud) == pytest.approx((0, 0, 0), abs=1e-6)
    assert quiet.azimuth == pytest.approx(0, abs=1e-6)
    assert min(quiet.elevation, quiet.angle) > 0.5


def test_the_axes_are_permuted():
    noise = np.random.default_rng(0).standard_normal(8000)
    front, left, up = (
        summarise([encode(noise, azimuth, elevation)], 8000)
        for azimuth, elevation in [(0, 0), (np.pi / 2, 0), (0, np.pi / 2)]
    )
    assert as_tuple(published_errors(left, up)) == pytest.approx((np.pi / 2, 0, np.pi / 2), abs=1e-6)
    assert field_errors(left, up).elevation == pytest.approx(np.pi / 2)
    assert published_errors(left, front).elevation == pytest.approx(np.pi / 2, abs=2e-3)


def test_silence_and_mono_sound_count_as_sound_from_the_left():
    noise = np.random.default_rng(0).standard_normal(8000)
    left = summarise([encode(noise, np.pi / 2, 0.0)], 8000)
    for sound in (np.zeros((4, 8000)), np.eye(4)[:, :1] * noise):
        assert as_tuple(published_errors(left, summarise([sound], 8000))) == pytest.approx(
            (0, 0, 0), abs=1e-9
        )


def test_mirrored_pairs_have_the_same_errors():
    rng = np.random.default_rng(3)
    pair = [rng.standard_normal((4, 4)) @ rng.standard_normal((4, 2000)) for _ in range(2)]
    mirrored = [sound * np.array([1, -1, 1, 1])[:, None] for sound in pair]
    found, expected = (
        published_errors(*(summarise([s], 8000) for s in sounds)) for sounds in (mirrored, pair)
    )
    assert as_tuple(found) == pytest.approx(as_tuple(expected), abs=1e-9)
