import numpy as np
import pytest

from audiospace.ambisonics import encode, harmonics_of
from audiospace.metrics.sound_field import UndefinedError, summarise
from audiospace.metrics.visual_agreement import visual_agreement, visual_agreement_over_time
from audiospace.panorama import directions as pixel_directions
from audiospace.panorama import sphere_tiling

RATE = 8000
TILES = sphere_tiling()
SPHERE = {"directions": TILES.directions, "weights": TILES.weights}
TIMES = (np.arange(36) + 0.5) / 12


def noise(seconds=3.0, seed=0):
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def sound_from(azimuth, elevation=0.0, gain=1.0):
    return summarise([gain * encode(noise(), azimuth, elevation)], RATE)


def seen_at(azimuth, width=0.6):
    towards = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    return (TILES.directions @ towards > np.cos(width)).astype(np.float32)


@pytest.mark.parametrize("azimuth", [0.0, np.pi / 2, -2.0])
def test_sound_from_where_something_is_seen_agrees(azimuth):
    assert visual_agreement(sound_from(azimuth), seen_at(azimuth), **SPHERE) > 0.95


def test_turning_the_sound_away_costs_more_and_more():
    values = [
        visual_agreement(sound_from(turn), seen_at(0.0), **SPHERE) for turn in np.linspace(0, np.pi, 13)
    ]
    assert (np.diff(values) < 0).all()
    assert values[6] == pytest.approx(0, abs=0.06)
    assert values[-1] < -0.8


def test_left_and_right_are_alike_but_not_the_same_place():
    seen = seen_at(1.0)
    assert visual_agreement(sound_from(0.6), seen, **SPHERE) > 0.8
    assert visual_agreement(sound_from(-1.0), seen, **SPHERE) < 0
    mirrored = visual_agreement(sound_from(-0.6), seen_at(-1.0), **SPHERE)
    assert mirrored == pytest.approx(visual_agreement(sound_from(0.6), seen, **SPHERE), abs=1e-6)


def test_swapped_channels_do_not_agree():
    sound = encode(noise(), 0.0, 0.0)
    swapped = summarise([sound[[0, 3, 2, 1]]], RATE)
    assert visual_agreement(swapped, seen_at(0.0), **SPHERE) < 0.1


def test_two_opposite_sources_agree_with_two_things_seen():
    both = encode(noise(seed=1), 0.0, 0.0) + encode(noise(seed=2), np.pi, 0.0)
    field = summarise([both], RATE)
    assert visual_agreement(field, seen_at(0.0) + seen_at(np.pi), **SPHERE) > 0.9
    assert visual_agreement(field, seen_at(0.0), **SPHERE) < 0.5
    assert visual_agreement(field, seen_at(1.57) + seen_at(-1.57), **SPHERE) < 0


def test_gain_and_what_is_everywhere_make_no_difference():
    seen = seen_at(1.0)
    plain = visual_agreement(sound_from(0.5), seen, **SPHERE)
    assert visual_agreement(sound_from(0.5, gain=1e-3), seen, **SPHERE) == pytest.approx(plain)
    assert visual_agreement(sound_from(0.5), 0.1 * seen + 3.0, **SPHERE) == pytest.approx(plain, abs=1e-5)


def test_a_random_direction_is_at_chance():
    generator = np.random.default_rng(0)
    seen = generator.random(24) ** 3
    values = []
    for _ in range(300):
        vector = generator.standard_normal(3)
        gains = harmonics_of(vector / np.linalg.norm(vector))
        field = summarise([gains[:, None] * noise(0.1)], RATE)
        values.append(visual_agreement(field, seen, **SPHERE))
    assert abs(np.mean(values)) < 0.1


def test_the_maps_are_those_of_a_cardioid_at_equal_areas():
    """Against a fine grid, on which the maps of beams are computed sample by sample."""
    grid = pixel_directions(45, 90).reshape(-1, 3)
    area = np.sqrt(1 - grid[:, 2] ** 2)
    area /= area.sum()
    sound = encode(noise(0.2, 1), 0.4, 0.3) + 0.5 * encode(noise(0.2, 2), -2.0, -0.5)
    seen = np.exp(3 * grid @ np.array([0.6, 0.8, 0.0]))
    heard = np.mean(np.square(harmonics_of(grid) @ sound), axis=1)
    blurred = np.square(1 + grid @ grid.T) @ (area * seen)
    centred = heard - area @ heard, blurred - area @ blurred
    expected = (area @ (centred[0] * centred[1])) / np.sqrt(
        (area @ centred[0] ** 2) * (area @ centred[1] ** 2)
    )
    found = visual_agreement(summarise([sound], RATE), seen, directions=grid, weights=area)
    assert found == pytest.approx(expected, abs=1e-4)


def test_constant_maps_are_undefined():
    with pytest.raises(UndefinedError, match="same is seen everywhere"):
        visual_agreement(sound_from(0.0), np.full(24, 0.3, np.float32), **SPHERE)
    with pytest.raises(UndefinedError, match="same is seen everywhere"):
        visual_agreement(sound_from(0.0), np.zeros(24), **SPHERE)
    with pytest.raises(UndefinedError, match="silent"):
        visual_agreement(sound_from(0.0, gain=0.0), seen_at(0.0), **SPHERE)
    mono = np.zeros((4, RATE))
    mono[0] = noise(1.0)
    with pytest.raises(UndefinedError, match="mono"):
        visual_agreement(summarise([mono], RATE), seen_at(0.0), **SPHERE)


def test_over_time_it_matters_when_something_is_where():
    turns = np.repeat([0.0, np.pi / 2, np.pi], RATE)
    samples = noise()
    field = summarise(
        [samples * harmonics_of(np.stack([np.cos(turns), np.sin(turns), 0 * turns], -1)).T], RATE
    )
    seen = np.array([seen_at(float(np.floor(time)) * np.pi / 2) for time in TIMES])
    right = visual_agreement_over_time(field, TIMES, seen, **SPHERE)
    wrong = visual_agreement_over_time(field, TIMES, seen[::-1], **SPHERE)
    assert right.correlation > 0.95
    assert (right.windows, right.undefined) == (3, 0)
    assert wrong.correlation < 0.1
    whole = [visual_agreement(field, rows.mean(axis=0), **SPHERE) for rows in (seen, seen[::-1])]
    assert whole[0] == pytest.approx(whole[1], abs=1e-6)


def test_seconds_without_direction_are_left_out_and_counted():
    sound = encode(noise(), 0.0, 0.0)
    sound[:, RATE : 2 * RATE] = 0
    seen = np.tile(seen_at(0.0), (36, 1))
    found = visual_agreement_over_time(summarise([sound], RATE), TIMES, seen, **SPHERE)
    assert (found.windows, found.undefined) == (2, 1)
    short = visual_agreement_over_time(summarise([sound[:, :RATE]], RATE), TIMES, seen, **SPHERE)
    assert (short.windows, short.undefined) == (1, 0)
    with pytest.raises(UndefinedError, match="no second"):
        visual_agreement_over_time(summarise([0 * sound], RATE), TIMES, seen, **SPHERE)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="fit together"):
        visual_agreement(sound_from(0.0), np.ones(23), **SPHERE)
    with pytest.raises(ValueError, match="36 times"):
        visual_agreement_over_time(sound_from(0.0), TIMES, np.ones((35, 24)), **SPHERE)
