"""What spatial metrics must and must not feel, on simulated scenes."""

from dataclasses import replace

import numpy as np
import pytest

from audiospace.ambisonics import Convention, encode, from_ambix, mirror
from audiospace.metrics import (
    NoDirectionError,
    SoundField,
    UndefinedError,
    diffuseness_error,
    direction_error_over_time,
    field_errors,
    map_agreement,
    published_errors,
    summarise,
)
from audiospace.simulate import Room, Scene, SoundLibrary, Source, draw_sounds, render_field, still

RATE = 8000
ELEVATION = np.radians(15)


def disagreement(measure, slices, beam):
    def worse(reference, generated):
        return -getattr(map_agreement(reference, generated, slices=slices, beam=beam), measure)

    return worse


STANDARD = {
    "azimuth": lambda a, b: field_errors(a, b).azimuth,
    "angle": lambda a, b: field_errors(a, b).angle,
    "angle over time": direction_error_over_time,
    "correlation": disagreement("correlation", None, "standard"),
    "correlation, 1 per second": disagreement("correlation", 20, "standard"),
    "correlation, 5 per second": disagreement("correlation", 4, "standard"),
    "auc": disagreement("auc", None, "standard"),
    "auc, 1 per second": disagreement("auc", 20, "standard"),
    "auc, 5 per second": disagreement("auc", 4, "standard"),
}
"""Each grows as a sound gets worse."""

PUBLISHED_BEAM = {
    "correlation": disagreement("correlation", None, "published"),
    "correlation, 5 per second": disagreement("correlation", 4, "published"),
    "auc": disagreement("auc", None, "published"),
    "auc, 5 per second": disagreement("auc", 4, "published"),
}


def rendered(azimuth, elevation=ELEVATION, ambience_db=-15.0, seed=7, room=None):
    """Sound of a scene: a still source in a diffuse field."""
    source = Source("tractor", 0, still(azimuth, elevation, 2.0), 1.0, 0.0, True, seed, 0.0)
    scene = Scene(seed, 2.0, (source,), room, ambience_db)
    return render_field(scene, draw_sounds(scene, SoundLibrary.procedural(), RATE), RATE)


def field(sound):
    return summarise([sound], RATE)


def scaled(summary: SoundField, gain):
    return replace(summary, covariances=summary.covariances * gain**2)


@pytest.fixture(scope="module")
def turned():
    """A scene, and the same as its source is moved away to the left in steps of 18 degrees."""
    return [field(rendered(np.radians(20) + angle)) for angle in np.linspace(0, np.pi, 11)]


@pytest.fixture(scope="module")
def pair():
    return rendered(0.4), rendered(1.5, elevation=-0.2, seed=11)


@pytest.mark.parametrize("name", STANDARD)
def test_rises_as_a_source_turns_away(name, turned):
    found = [STANDARD[name](turned[0], other) for other in turned]
    assert np.all(np.diff(found) > 0)


def test_rises_as_a_source_turns_away_in_a_room():
    room = Room((9.0, 7.0, 3.5), (4.0, 3.0, 1.5), absorption=0.4)
    turned = [field(rendered(0.3 + angle, room=room)) for angle in np.linspace(0, np.pi, 6)]
    for metric in STANDARD.values():
        assert np.all(np.diff([metric(turned[0], other) for other in turned]) > 0)


@pytest.mark.parametrize("name", PUBLISHED_BEAM)
def test_the_published_beam_rises_until_its_lobe_at_the_back(name, turned):
    found = [PUBLISHED_BEAM[name](turned[0], other) for other in turned]
    assert np.all(np.diff(found[:7]) > 0)
    assert min(found[7:]) > found[4]


def test_elevation_rises_as_a_source_climbs():
    reference, *others = (field(rendered(0.5, elevation=e)) for e in np.radians([-30, -10, 10, 30, 50, 70]))
    found = [field_errors(reference, other).elevation for other in others]
    assert np.all(np.diff([0, *found]) > 0.2)


@pytest.mark.parametrize("elevation", np.radians([0, 15]))
def test_published_angle_rises_for_a_loud_sound_only(elevation):
    loud = [field(10 * rendered(0.3 + angle, elevation=elevation)) for angle in np.linspace(0, 2.5, 6)]
    found = [published_errors(loud[0], other).angle for other in loud]
    assert np.all(np.diff(found) > 0)
    quiet = [scaled(one, 1e-4) for one in loud]
    found = [published_errors(quiet[0], other).angle for other in quiet]
    assert not np.all(np.diff(found) > 0)


def test_diffuseness_does_not_feel_a_turn_but_does_feel_ambience(turned):
    dry, wet = field(rendered(0.4, ambience_db=None)), field(rendered(0.4, ambience_db=0.0))
    assert max(diffuseness_error(turned[0], other) for other in turned) < 0.02
    assert diffuseness_error(dry, wet) > 0.1


@pytest.mark.parametrize("name", [*STANDARD, "diffuseness"])
@pytest.mark.parametrize("gain", [1e-2, 0.3, 30.0])
def test_gain_changes_nothing(name, gain, pair):
    metric = STANDARD.get(name, diffuseness_error)
    reference, generated = map(field, pair)
    expected = metric(reference, generated)
    assert metric(reference, scaled(generated, gain)) == pytest.approx(expected, abs=1e-9)
    assert metric(scaled(reference, gain), generated) == pytest.approx(expected, abs=1e-9)


def test_gain_changes_the_published_errors(pair):
    reference, generated = map(field, pair)
    before, after = (published_errors(scaled(reference, gain), generated) for gain in (1.0, 0.03))
    assert after.azimuth == pytest.approx(before.azimuth, abs=1e-9)
    assert abs(after.elevation - before.elevation) > 0.1
    assert abs(after.angle - before.angle) > 0.1


@pytest.mark.parametrize(
    "name", [*STANDARD, *(f"published {name}" for name in PUBLISHED_BEAM), "diffuseness"]
)
def test_left_and_right_are_judged_alike(name, pair):
    every = STANDARD | {f"published {key}": metric for key, metric in PUBLISHED_BEAM.items()}
    metric = every.get(name, diffuseness_error)
    mirrored = [field(mirror(sound, "left-right")) for sound in pair]
    assert metric(*mirrored) == pytest.approx(metric(*map(field, pair)), abs=1e-6)
    reference = rendered(0.0, ambience_db=None)
    left, right = (field(rendered(side, ambience_db=None)) for side in (0.8, -0.8))
    assert metric(field(reference), left) == pytest.approx(metric(field(reference), right), abs=1e-3)


@pytest.mark.parametrize("name", STANDARD)
def test_swapped_channels_are_felt(name, pair):
    reference = field(pair[0])
    swapped = field(from_ambix(pair[0], Convention.WXYZ))
    assert STANDARD[name](reference, swapped) > STANDARD[name](reference, reference) + 0.05


def test_diffuseness_does_not_feel_swapped_channels(pair):
    assert diffuseness_error(field(pair[0]), field(from_ambix(pair[0], Convention.WXYZ))) < 1e-9


def opposite(azimuth):
    """Field of two equal, unrelated sources on opposite sides; the intensity cancels exactly."""
    time = np.arange(2 * RATE) / RATE
    first, second = (np.sin(2 * np.pi * hertz * time) for hertz in (400, 500))
    return encode(first, azimuth, 0.0) + encode(second, azimuth + np.pi, 0.0)


def without_rounding(summary: SoundField):
    return replace(summary, covariances=np.round(summary.covariances, 9))


def test_opposite_sources_cancel_in_the_intensity_but_not_in_the_energy_map():
    both, one = without_rounding(field(opposite(np.pi / 2))), field(encode(np.ones(2 * RATE), np.pi / 2, 0.0))
    with pytest.raises(NoDirectionError):
        field_errors(one, both)
    assert direction_error_over_time(one, both) == pytest.approx(np.pi / 2)
    for slices in (None, 20, 4):
        assert map_agreement(both, both, slices=slices).correlation == pytest.approx(1)
        against_one = map_agreement(both, one, slices=slices)
        assert against_one.correlation == pytest.approx(0, abs=0.01)
        assert 0.4 < against_one.auc < 0.7
        assert map_agreement(both, field(opposite(0.0)), slices=slices).correlation < -0.3
        with pytest.raises(UndefinedError):
            map_agreement(both, field(np.zeros((4, 2 * RATE))), slices=slices)


def test_an_energy_map_follows_opposite_sources_as_they_turn():
    reference = field(opposite(0.0))
    found = [map_agreement(reference, field(opposite(a))).correlation for a in np.linspace(0, np.pi / 2, 7)]
    assert np.all(np.diff(found) < 0)


def test_turning_a_pair_changes_nothing_but_the_published_figures(pair):
    """Pitch both sounds by 90 degrees: the standard beam is the same in all directions, ViSAGe's is not."""
    pitch = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, -1, 0]], dtype=np.float32)
    upright, pitched = [field(s) for s in pair], [field(pitch @ s) for s in pair]
    for name, metric in STANDARD.items():
        if name != "azimuth":
            assert metric(*pitched) == pytest.approx(metric(*upright), abs=0.02)
    assert abs(PUBLISHED_BEAM["correlation"](*pitched) - PUBLISHED_BEAM["correlation"](*upright)) > 0.02
