import numpy as np
import pytest

from audiospace.evaluation import bootstrap_mean


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
