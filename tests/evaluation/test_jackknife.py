import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_rel

from audiospace.evaluation.jackknife import (
    compare_frechet,
    frechet_interval,
    inception_interval,
    jackknife_comparison,
    jackknife_interval,
)
from audiospace.metrics import (
    GaussianStatistics,
    GroupedStatistics,
    LabelStatistics,
    Replicates,
    frechet_distance,
    inception_score,
)


def _of_mean(values, groups):
    """A mean with one group left out at a time: the interval must be the known one."""
    index = np.arange(len(values)) % groups
    sizes = np.bincount(index)
    without = (values.sum() - np.bincount(index, weights=values)) / (len(values) - sizes)
    return Replicates(float(values.mean()), without, sizes)


def test_interval_of_a_mean_is_students():
    values = np.random.default_rng(0).normal(3.0, 1.0, 15)
    found = jackknife_interval(_of_mean(values, 15))
    expected = student.interval(0.95, 14, values.mean(), values.std(ddof=1) / 15**0.5)
    assert (found.low, found.high) == pytest.approx(expected)
    assert (found.mean, found.n) == (values.mean(), 15)


def test_unequal_groups_have_the_right_standard_error_on_average():
    generator = np.random.default_rng(1)
    reach = student.ppf(0.975, 19)
    variances = [
        ((found.high - found.mean) / reach) ** 2
        for found in (jackknife_interval(_of_mean(generator.standard_normal(33), 20)) for _ in range(2000))
    ]
    assert np.mean(variances) == pytest.approx(1 / 33, rel=0.05)


def test_groups_weigh_by_their_clips():
    values = np.arange(7.0) ** 2
    index = np.arange(7) % 3
    means = np.array([values[index == group].mean() for group in range(3)])
    sizes = np.array([3, 2, 2])
    variance = np.mean(sizes / (7 - sizes) * (means - values.mean()) ** 2)
    found = jackknife_interval(_of_mean(values, 3))
    assert found.high - found.mean == pytest.approx(student.ppf(0.975, 2) * variance**0.5)


def test_interval_of_a_mean_covers_as_often_as_it_says():
    generator = np.random.default_rng(2)
    found = [jackknife_interval(_of_mean(generator.exponential(1.0, 150), 20)) for _ in range(1000)]
    assert 0.92 < np.mean([one.low <= 1.0 <= one.high for one in found]) < 0.97


def test_too_few_groups_have_no_interval():
    for without in ([np.nan], [1.0, np.nan]):
        found = jackknife_interval(Replicates(2.0, np.array(without), np.ones(len(without), dtype=int)))
        assert found.mean == 2.0
        assert np.isnan([found.low, found.high]).all()
    empty = jackknife_interval(Replicates(np.nan, np.empty(0), np.empty(0, dtype=int)))
    assert (empty.n, np.isnan(empty.mean)) == (0, True)


def test_comparison_of_means_is_students_paired_test():
    generator = np.random.default_rng(3)
    first, second = generator.normal(0.6, 1.0, 18), generator.normal(0.0, 1.0, 18)
    found = jackknife_comparison("m", ("a", _of_mean(first, 18)), ("b", _of_mean(second, 18)))
    expected = ttest_rel(first, second)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert found.difference == pytest.approx(first.mean() - second.mean())
    assert (found.metric, found.first, found.second, found.n, found.p_adjusted) == ("m", "a", "b", 18, None)
    other_way = jackknife_comparison("m", ("b", _of_mean(second, 18)), ("a", _of_mean(first, 18)))
    assert other_way.p == pytest.approx(found.p)
    assert (other_way.low, other_way.high) == pytest.approx((-found.high, -found.low))


def test_a_system_is_no_different_from_itself():
    one = _of_mean(np.random.default_rng(4).normal(size=9), 9)
    found = jackknife_comparison("m", ("a", one), ("b", one))
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_other_groups_are_not_compared():
    values = np.arange(5.0)
    with pytest.raises(ValueError, match="same groups"):
        jackknife_comparison("m", ("a", _of_mean(values, 5)), ("b", _of_mean(values[:4], 4)))


def _sounds(places, seed, *, shift=0.0, dimensions=4):
    sounds = GroupedStatistics()
    for place in places:
        generator = np.random.default_rng([seed, place])
        embeddings = generator.standard_normal(dimensions) + 0.3 * generator.standard_normal((3, dimensions))
        sounds = sounds.with_clip(place, GaussianStatistics.of(embeddings + shift))
    return sounds


def test_frechet_interval_holds_the_distance_and_stops_at_zero():
    recorded, generated = _sounds(range(60), 0), _sounds(range(60), 1, shift=0.2)
    found = frechet_interval(recorded, generated)
    assert found.mean == pytest.approx(frechet_distance(recorded.whole, generated.whole))
    assert 0 <= found.low < found.mean < found.high
    assert found.n == 60
    same = frechet_interval(recorded, recorded)
    assert same.mean == pytest.approx(0.0, abs=1e-12)
    assert same.low == 0.0
    assert same.high == pytest.approx(0.0, abs=1e-9)


def test_frechet_interval_is_about_as_wide_as_the_spread_of_other_draws():
    draws = [
        frechet_interval(_sounds(range(60), 10 + draw), _sounds(range(60), 500 + draw, shift=1.0))
        for draw in range(30)
    ]
    spread = np.std([one.mean for one in draws], ddof=1)
    width = np.mean([one.high - one.low for one in draws])
    assert width == pytest.approx(2 * student.ppf(0.975, 19) * spread, rel=0.35)


def test_a_fixed_reference_is_never_thinned():
    recorded, generated = _sounds(range(200), 0), _sounds(range(30), 1)
    found = frechet_interval(recorded.whole, generated)
    assert found.mean == pytest.approx(frechet_distance(recorded.whole, generated.whole))
    assert found.n == 30
    assert found.high > found.mean


def test_frechet_comparison_finds_the_worse_system_and_spares_a_like_one():
    recorded = _sounds(range(80), 0)
    near, like, far = _sounds(range(80), 1), _sounds(range(80), 2), _sounds(range(80), 3, shift=1.0)
    worse = compare_frechet("fd", recorded, ("far", far), ("near", near))
    assert worse.p < 0.001
    assert 0 < worse.low < worse.difference < worse.high
    assert compare_frechet("fd", recorded, ("like", like), ("near", near)).p > 0.05


def test_frechet_comparison_is_on_the_clips_that_both_have():
    recorded = _sounds(range(12), 0)
    first, second = _sounds(range(10), 1), _sounds(range(12), 2, shift=0.5)
    found = compare_frechet("fd", recorded, ("a", first), ("b", second))
    shared = recorded.only(range(10)).whole
    assert found.n == 10
    assert found.difference == pytest.approx(
        frechet_distance(shared, first.whole) - frechet_distance(shared, second.only(range(10)).whole)
    )
    none = compare_frechet("fd", recorded, ("a", first.only({0})), ("b", second.only({1})))
    assert (none.n, none.p, np.isnan(none.difference)) == (0, None, True)


def test_inception_interval_holds_the_score():
    probabilities = np.random.default_rng(5).dirichlet(np.full(6, 0.2), 50)
    labels = GroupedStatistics()
    for place, row in enumerate(probabilities):
        labels = labels.with_clip(place, LabelStatistics.of(row[None, :]))
    found = inception_interval(labels)
    assert found.mean == pytest.approx(inception_score(LabelStatistics.of(probabilities)))
    assert 1.0 <= found.low < found.mean < found.high
    assert found.n == 50


def test_inception_interval_stops_at_one():
    labels = GroupedStatistics()
    for place, sure in enumerate((0.5, 0.5, 0.9)):
        labels = labels.with_clip(place, LabelStatistics.of(np.array([[sure, 1 - sure]])))
    found = inception_interval(labels)
    assert (found.low, found.high > found.mean) == (1.0, True)
