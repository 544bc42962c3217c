import numpy as np
import pytest

from audiospace.ambisonics import angular_distance, directions_over_time, encode, encode_moving, unit_vector
from audiospace.metrics import (
    UndefinedError,
    diffuseness_error,
    direction_error_over_time,
    point_source,
    summarise,
    without_direction,
)

RATE = 8000


def noise(seconds=2.0, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def source(azimuth, elevation=0.0, **options):
    return encode(noise(**options), np.radians(azimuth), np.radians(elevation))


def diffuse(seconds=2.0, seed=5):
    channels = np.random.default_rng(seed).standard_normal((4, round(seconds * RATE)))
    return 0.1 * channels * np.array([1, 3**-0.5, 3**-0.5, 3**-0.5])[:, None]


def field(*parts):
    return summarise([np.concatenate(parts, axis=1)], RATE)


def test_error_of_a_still_source_is_its_angle():
    assert direction_error_over_time(field(source(20)), field(source(65, seed=1))) == pytest.approx(
        np.radians(45), abs=1e-6
    )


def test_windows_agree_with_directions_of_the_samples():
    rng = np.random.default_rng(2)
    reference, generated = (rng.standard_normal((4, 2 * RATE)) for _ in range(2))
    found = [directions_over_time(sound, RATE, window=0.2, hop=0.2) for sound in (reference, generated)]
    errors = angular_distance(found[0].vectors, found[1].vectors)
    weights = found[0].energy * (1 - found[0].diffuseness)
    assert direction_error_over_time(field(reference), field(generated)) == pytest.approx(
        np.average(errors, weights=weights), abs=1e-12
    )


def test_sources_that_change_places_are_told_from_ones_that_do_not():
    taking_turns, swapped = field(source(90), source(-90)), field(source(-90), source(90))
    assert direction_error_over_time(taking_turns, taking_turns) == pytest.approx(0, abs=1e-6)
    assert direction_error_over_time(taking_turns, swapped) == pytest.approx(np.pi, abs=1e-6)


def test_a_circling_source_is_followed():
    times = np.linspace(0, 2, 33)
    around = unit_vector(np.pi * times, 0.0)
    moving = summarise([encode_moving(noise(), times, around, RATE)], RATE)
    late = summarise([encode_moving(noise(seed=3), times, np.roll(around, 4, axis=0), RATE)], RATE)
    assert direction_error_over_time(moving, point_source(moving, np.array([1.0, 0, 0]))) > 1.4
    assert 0.5 < direction_error_over_time(moving, late) < 1.1


def test_loud_and_direct_moments_count_most():
    wrong = field(source(0), 0.1 * source(180))
    assert direction_error_over_time(field(source(0), 0.1 * source(0)), wrong) < 0.05
    assert direction_error_over_time(field(source(0), diffuse()), field(source(0), source(180))) < 0.5


def test_moments_without_direction_count_as_chance():
    reference = field(source(0), source(0))
    assert direction_error_over_time(reference, without_direction(reference)) == pytest.approx(np.pi / 2)
    for hardly_anything in (0.0, 1e-6):
        half = field(source(0), hardly_anything * source(0))
        assert direction_error_over_time(reference, half) == pytest.approx(np.pi / 4, rel=0.05)


def test_only_the_time_that_both_have_is_compared():
    assert direction_error_over_time(field(source(0), source(180)), field(source(0))) == pytest.approx(
        0, abs=1e-6
    )


def test_a_reference_without_direction_has_no_error_over_time():
    sound = field(source(0))
    with pytest.raises(UndefinedError, match="no direction"):
        direction_error_over_time(without_direction(sound), sound)


@pytest.mark.parametrize("metric", [direction_error_over_time, diffuseness_error])
def test_silence_is_undefined(metric):
    sound, silence = field(source(0)), field(np.zeros((4, RATE)))
    for pair in [(sound, silence), (silence, sound), (sound, summarise([], RATE))]:
        with pytest.raises(UndefinedError, match="silent"):
            metric(*pair)


def test_diffuseness_error_spans_from_a_source_to_a_diffuse_field():
    dry, wet = field(source(30)), field(diffuse())
    assert diffuseness_error(dry, field(source(-120, 40, seed=8))) == pytest.approx(0, abs=1e-9)
    assert diffuseness_error(dry, wet) > 0.9
    assert diffuseness_error(wet, dry) > 0.9
    assert diffuseness_error(wet, field(diffuse(seed=9))) < 0.1


def test_diffuseness_error_rises_as_the_source_drowns_in_the_field():
    reference = field(source(30))
    found = [
        diffuseness_error(reference, field(source(30) + gain * diffuse())) for gain in (0, 0.3, 1, 3, 10)
    ]
    assert np.all(np.diff(found) > 0.02)


def test_diffuseness_weighs_moments_by_their_energy():
    reference = field(source(0), 0.01 * source(0))
    assert diffuseness_error(reference, field(source(0), diffuse())) < 1e-3
