import numpy as np
import pytest

from audiospace.evaluation.statistics import bootstrap_mean, bootstrap_means


def test_interval_covers_the_mean_about_as_often_as_it_says():
    generator = np.random.default_rng(1)
    covered = 0
    for trial in range(200):
        found = bootstrap_mean(generator.normal(3.0, 1.0, 40), resamples=500, seed=trial)
        covered += found.low <= 3.0 <= found.high
    assert 180 <= covered <= 198


def test_width_is_that_of_the_normal_approximation():
    values = np.random.default_rng(0).normal(0.0, 2.0, 400)
    found = bootstrap_mean(values)
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.05)
    assert found.mean == pytest.approx(values.mean())
    assert found.n == 400


def test_same_seed_same_interval():
    values = np.random.default_rng(0).standard_normal(30)
    assert bootstrap_mean(values, seed=5) == bootstrap_mean(values, seed=5)
    assert bootstrap_mean(values, seed=5) != bootstrap_mean(values, seed=6)


def test_one_value_and_none():
    one = bootstrap_mean([0.7])
    assert (one.mean, one.low, one.high, one.n) == (0.7, 0.7, 0.7, 1)
    none = bootstrap_mean([])
    assert none.n == 0
    assert np.isnan(none.mean)


def test_many_columns_have_the_intervals_that_each_has_alone():
    generator = np.random.default_rng(2)
    columns = {"a": generator.normal(size=30), "b": generator.normal(size=12), "c": generator.normal(size=30)}
    found = bootstrap_means({**columns, "none": []}, seed=3)
    assert list(found) == ["a", "b", "c", "none"]
    for key, column in columns.items():
        alone = bootstrap_mean(column, seed=3)
        assert (found[key].mean, found[key].low, found[key].high) == pytest.approx(
            (alone.mean, alone.low, alone.high)
        )
        assert found[key].n == len(column)
    assert found["none"].n == 0


def test_interval_is_that_of_resampled_means():
    values = np.random.default_rng(0).exponential(1.0, 25)
    found = bootstrap_mean(values, seed=8)
    draws = np.random.default_rng(9).choice(values, (20_000, 25)).mean(axis=1)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(draws, [2.5, 97.5])), abs=0.02)


def test_size_of_the_blocks_does_not_matter(monkeypatch):
    values = np.random.default_rng(0).standard_normal(31)
    expected = bootstrap_mean(values)
    monkeypatch.setattr("audiospace.evaluation.statistics.BLOCK", 7 * 31)
    assert bootstrap_mean(values, resamples=10_000) == expected


def test_equal_values_have_an_interval_of_no_width():
    found = bootstrap_mean([0.1] * 7)
    assert found.low == found.high == found.mean == pytest.approx(0.1)


def test_a_value_that_is_not_finite_is_refused():
    for wrong in (np.nan, np.inf):
        with pytest.raises(ValueError, match="not finite"):
            bootstrap_mean([1.0, wrong])
