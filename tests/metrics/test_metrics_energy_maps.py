import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import roc_auc_score

from audiospace.ambisonics import encode, first_order
from audiospace.metrics import (
    UndefinedError,
    map_agreement,
    point_source,
    summarise,
    without_direction,
)
from audiospace.metrics.energy_maps import (
    areas_under_curve,
    correlations,
    map_directions,
    root_mean_square_maps,
)

RATE = 8000
BEAMS = ["standard", "published"]


def noise(seconds=1.0, seed=0):
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def scene(seed, sources=2, seconds=1.0):
    """Several sources in a diffuse field."""
    rng = np.random.default_rng([seed, 1])
    count = round(seconds * RATE)
    field = 0.03 * rng.uniform() * rng.standard_normal((4, count))
    for number in range(sources):
        azimuth, elevation = rng.uniform(-np.pi, np.pi), np.arcsin(rng.uniform(-1, 1))
        field += rng.uniform(0.2, 1) * encode(noise(seconds, 10 * seed + number), azimuth, elevation)
    return field


def heard(sound, azimuth, elevation, beam):
    """Root mean square of the beam's own signal, sample by sample."""
    horizontal = 2**0.5 if beam == "published" else 1.0
    gains = first_order(azimuth, elevation) * np.array([1.0, horizontal, 1.0, horizontal])
    return np.sqrt(np.mean((gains @ sound) ** 2, axis=-1))


def fields(*sounds):
    return [summarise([sound], RATE) for sound in sounds]


@pytest.mark.parametrize("beam", BEAMS)
def test_maps_are_the_levels_of_beams(beam):
    sound = scene(0)
    maps = root_mean_square_maps(summarise([sound], RATE).whole[None], beam)
    np.testing.assert_allclose(maps[0], heard(sound, *map_directions(), beam), rtol=1e-10)


def test_directions_are_symmetric_and_of_equal_area():
    azimuth, elevation = map_directions()
    points = first_order(azimuth, elevation)[:, 1:]
    assert len(points) == 1152
    for axis in range(3):
        mirrored = points.copy()
        mirrored[:, axis] *= -1
        assert {tuple(p) for p in np.round(mirrored, 9) + 0.0} == {
            tuple(p) for p in np.round(points, 9) + 0.0
        }
    second_moments = points.T @ points / len(points)
    np.testing.assert_allclose(second_moments, np.eye(3) / 3, atol=1e-3)


def test_mean_power_over_the_sphere_is_that_of_the_channels():
    """The mean square of a cardioid over all directions is W^2 + (X^2 + Y^2 + Z^2) / 3."""
    field = summarise([scene(1)], RATE)
    power = np.mean(root_mean_square_maps(field.whole[None])[0] ** 2)
    assert power == pytest.approx(field.whole.diagonal() @ [1, 1 / 3, 1 / 3, 1 / 3], rel=1e-3)


@pytest.mark.parametrize("beam", BEAMS)
def test_correlation_and_auc_agree_with_scipy_and_scikit_learn(beam):
    pairs = [(scene(seed), scene(seed + 50)) for seed in range(4)]
    for first, second in pairs:
        recorded, judged = (heard(sound, *map_directions(), beam) for sound in (first, second))
        found = map_agreement(*fields(first, second), beam=beam)
        loud = recorded > recorded.max() - recorded.std()
        assert found.correlation == pytest.approx(pearsonr(recorded, judged).statistic, abs=1e-9)
        assert found.auc == pytest.approx(roc_auc_score(loud, judged), abs=1e-9)
        assert (found.windows, found.undefined) == (1, 0)


def test_ties_count_one_half():
    rng = np.random.default_rng(0)
    recorded, judged = rng.standard_normal((5, 200)), rng.integers(0, 4, (5, 200)).astype(float)
    for row, area in enumerate(areas_under_curve(recorded, judged)):
        loud = recorded[row] > recorded[row].max() - recorded[row].std()
        assert area == pytest.approx(roc_auc_score(loud, judged[row]), abs=1e-12)


def test_equal_area_points_stand_for_area_weights():
    """A fine grid of equal angles, weighted by the cosine of the elevation, gives the same figures."""
    rows, columns = 180, 360
    elevation = np.pi / 2 - np.pi * (np.arange(rows) + 0.5) / rows
    azimuth = np.pi - 2 * np.pi * (np.arange(columns) + 0.5) / columns
    a, e = (grid.ravel() for grid in np.meshgrid(azimuth, elevation))
    weights = np.cos(e)
    for seed in range(3):
        first, second = scene(seed), scene(seed + 20)
        x, y = (
            np.sqrt(np.einsum("pi,ij,pj->p", first_order(a, e), s @ s.T, first_order(a, e)))
            for s in (first, second)
        )
        covariance = np.cov(x, y, aweights=weights)
        loud = x > x.max() - np.sqrt(np.average((x - np.average(x, weights=weights)) ** 2, weights=weights))
        found = map_agreement(*fields(first, second))
        assert found.correlation == pytest.approx(
            covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=3e-3
        )
        assert found.auc == pytest.approx(roc_auc_score(loud, y, sample_weight=weights), abs=0.01)


def two_degree_map(sound):
    """A map as ViSAGe makes it: rows of 2 degrees from 88 down to -90, each resampled by its length."""
    elevations = np.radians(np.arange(88, -91, -2))
    azimuths = np.radians(np.arange(178, -181, -2))
    points = []
    for row, elevation in enumerate(elevations):
        levels = heard(sound, azimuths, elevation, "published")
        kept = round(180 * np.sin(np.pi * (row + 0.5) / 90))
        places = np.arange(kept) / kept * (180 - 90 / kept)
        points.append(np.interp(places, np.arange(180), levels, period=360))
    return np.concatenate(points)


def judd(saliency, fixations):
    """AUC as in ViSAGe, without the jitter: one threshold at each positive, areas by trapezia."""
    positive = fixations > fixations.max() - fixations.std()
    hits = np.sort(saliency[positive])[::-1]
    found = np.arange(len(hits))
    above = np.array([(saliency >= hit).sum() for hit in hits])
    true = np.concatenate([[0], found / len(hits), [1]])
    false = np.concatenate([[0], (above - found) / (len(saliency) - len(hits)), [1]])
    return float(np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2))


def test_the_published_beam_agrees_with_the_published_procedure():
    """Within 0.02 for any clip, as ViSAGe's own rows are weighted as if they lay a degree elsewhere.

    Over many clips the differences cancel.
    """
    differences = []
    for seed in range(12):
        first, second = (scene(seed + offset, 1 + seed % 3, seconds=0.02) for offset in (0, 200))
        recorded, judged = two_degree_map(first), two_degree_map(second)
        found = map_agreement(*fields(first, second), beam="published")
        expected = pearsonr(recorded, judged).statistic, judd(judged, recorded)
        differences.append(np.subtract((found.correlation, found.auc), expected))
    assert np.abs(differences).max() < 0.02
    assert np.abs(np.mean(differences, axis=0)).max() < 0.004


def test_correlation_of_two_sources_is_the_cosine_of_their_angle():
    reference = encode(noise(), 0.3, 0.2)
    for azimuth, elevation in [(0.3, 0.2), (1.0, 0.2), (0.3, 1.5), (-2.8, -0.2), (2.5, 0.6)]:
        cosine = float(first_order(0.3, 0.2)[1:] @ first_order(azimuth, elevation)[1:])
        found = map_agreement(*fields(reference, encode(noise(seed=1), azimuth, elevation)))
        assert found.correlation == pytest.approx(cosine, abs=2e-3)


def test_windows_see_what_the_whole_clip_does_not():
    left, right = encode(noise(2), 1.0, 0.0), encode(noise(2, seed=1), -1.0, 0.0)
    reference, swapped = fields(np.hstack([left, right]), np.hstack([right, left]))
    assert map_agreement(reference, swapped).correlation > 0.99
    for slices, windows in [(20, 4), (4, 20)]:
        found = map_agreement(reference, swapped, slices=slices)
        assert found.windows == windows
        assert found.correlation == pytest.approx(np.cos(2.0), abs=5e-3)


def test_windows_without_a_map_are_left_out_and_counted():
    loud = encode(noise(), 1.0, 0.0)
    mono = np.eye(4)[:, :1] * noise()
    reference, generated = fields(np.tile(loud, 4), np.hstack([loud, np.zeros_like(loud), mono, loud]))
    found = map_agreement(reference, generated, slices=20)
    assert (found.windows, found.undefined) == (2, 2)
    assert found.correlation == pytest.approx(1.0)
    assert map_agreement(generated, reference, slices=20).undefined == 2


@pytest.mark.parametrize("slices", [None, 20, 4])
def test_constant_maps_are_undefined(slices):
    sound = summarise([scene(0)], RATE)
    silence = summarise([np.zeros((4, RATE))], RATE)
    for other in (silence, without_direction(sound), summarise([], RATE)):
        with pytest.raises(UndefinedError, match="silent"):
            map_agreement(sound, other, slices=slices)
        with pytest.raises(UndefinedError, match="silent"):
            map_agreement(other, sound, slices=slices)


def test_perfect_agreement_does_not_depend_on_direction():
    for azimuth in np.linspace(-3, 3, 9):
        field = point_source(summarise([scene(0)], RATE), first_order(azimuth, 0.4)[[3, 1, 2]])
        found = map_agreement(field, field)
        assert (found.correlation, found.auc) == pytest.approx((1, 1), abs=1e-9)


def test_a_wrong_beam_is_refused():
    sound = summarise([scene(0)], RATE)
    with pytest.raises(ValueError, match="no beam"):
        map_agreement(sound, sound, beam="narrow")


def test_correlations_are_those_of_each_window():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 4, 50))
    expected = [pearsonr(a, b).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(correlations(first, second), expected, atol=1e-12)
