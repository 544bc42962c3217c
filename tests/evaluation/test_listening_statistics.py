import numpy as np
import pytest
from scipy.stats import bootstrap, t

from audiospace.evaluation.listening import (
    crossed_error,
    crossed_interval,
    difference_p,
    krippendorff_alpha,
    published_interval,
)

NAN = np.nan
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
"""Four observers and twelve units: Krippendorff's own example (2011, section D)."""


def ratings(generator, raters, clips, spread=(8.0, 8.0, 12.0), mean=60.0):
    by_rater, by_clip, rest = spread
    return (
        mean
        + by_rater * generator.standard_normal((raters, 1))
        + by_clip * generator.standard_normal((1, clips))
        + rest * generator.standard_normal((raters, clips))
    )


def alpha_by_pairs(values):
    """Every pair of values one by one."""
    units = [column[np.isfinite(column)] for column in values.T]
    units = [unit for unit in units if unit.size >= 2]
    everything = np.concatenate(units)
    within = sum(((u[:, None] - u[None]) ** 2).sum() / (u.size - 1) for u in units) / everything.size
    total = ((everything[:, None] - everything[None]) ** 2).sum()
    return 1 - within / (total / (everything.size * (everything.size - 1)))


def test_alpha_is_that_of_krippendorffs_example():
    assert krippendorff_alpha(OBSERVERS) == pytest.approx(0.849, abs=5e-4)


def test_alpha_equals_a_sum_over_pairs():
    generator = np.random.default_rng(0)
    for _ in range(5):
        values = ratings(generator, 5, 9)
        values[generator.random(values.shape) < 0.3] = NAN
        assert krippendorff_alpha(values) == pytest.approx(alpha_by_pairs(values), rel=1e-12)


def test_alpha_is_one_for_agreement_near_zero_for_chance_and_undefined_without_spread():
    generator = np.random.default_rng(1)
    assert krippendorff_alpha(np.tile(generator.uniform(0, 100, 20), (4, 1))) == pytest.approx(1)
    assert krippendorff_alpha(generator.uniform(0, 100, (10, 400))) == pytest.approx(0, abs=0.02)
    assert np.isnan(krippendorff_alpha(np.full((3, 4), 50.0)))
    assert np.isnan(krippendorff_alpha(np.array([[1.0, NAN], [NAN, 2.0]])))
    assert np.isnan(krippendorff_alpha(np.zeros((0, 4))))


def test_published_interval_is_students():
    values = np.random.default_rng(2).normal(70, 10, 30)
    found = published_interval(values.reshape(5, 6))
    low, high = t.interval(0.95, 29, values.mean(), values.std(ddof=1) / np.sqrt(30))
    assert (found.mean, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert found.n == 30
    assert np.isnan(published_interval(np.array([[5.0]])).low)
    assert np.isnan(published_interval(np.array([[NAN]])).mean)


def test_crossed_error_is_that_of_owens_theorem():
    """Complete tables: the mean of squares about the mean over rows, columns and cells, exactly."""
    values = ratings(np.random.default_rng(3), 9, 7)
    rows, columns = values.shape
    d = values - values.mean()
    by_row, by_column = (d.mean(axis=1) ** 2).mean() / rows, (d.mean(axis=0) ** 2).mean() / columns
    inner = ((d - d.mean(axis=1, keepdims=True) - d.mean(axis=0)) ** 2).mean() / (rows * columns)
    expected = np.sqrt(by_row + by_column + inner)
    assert crossed_error(values, resamples=200_000) == pytest.approx(expected, rel=0.01)


def test_crossed_error_is_the_plain_bootstrap_where_only_raters_differ():
    by_rater = np.random.default_rng(4).normal(60, 10, 15)
    plain = bootstrap((by_rater,), np.mean, n_resamples=20_000, rng=0).standard_error
    assert crossed_error(np.tile(by_rater[:, None], (1, 8))) == pytest.approx(plain, rel=0.03)
    assert crossed_error(np.tile(by_rater, (8, 1))) == pytest.approx(plain, rel=0.03)


def test_crossed_interval_ignores_empty_raters_and_knows_when_there_is_none():
    values = ratings(np.random.default_rng(5), 6, 6)
    padded = np.full((9, 8), NAN)
    padded[2:8, 1:7] = values
    assert crossed_interval(padded) == crossed_interval(values)
    assert np.isnan(crossed_interval(values[:1]).low)
    assert np.isnan(crossed_interval(values[:, :1]).low)
    assert crossed_interval(values[:1]).mean == pytest.approx(values[0].mean())
    assert crossed_interval(np.full((3, 3), NAN)).n == 0
    same = crossed_interval(np.full((4, 4), 70.0))
    assert (same.low, same.high) == (70.0, 70.0)
    high = crossed_interval(np.clip(values + 38, 0, 100), lowest=0, highest=100)
    assert high.high <= 100


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_intervals_cover_the_true_mean_where_the_published_ones_do_not(missing):
    generator = np.random.default_rng(6)
    covered, published = 0, 0
    for _ in range(150):
        values = ratings(generator, 12, 10)
        values[generator.random(values.shape) < missing] = NAN
        found, printed = crossed_interval(values, resamples=1000), published_interval(values)
        covered += found.low <= 60 <= found.high
        published += printed.low <= 60 <= printed.high
    assert covered >= 0.91 * 150  # 95 % within two binomial standard errors
    assert published < 0.8 * 150


def test_p_is_rarely_small_without_a_difference_and_small_with_one():
    generator = np.random.default_rng(7)
    found = [difference_p(ratings(generator, 9, 8, (4, 4, 17), 0.0)) for _ in range(60)]
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)
    assert difference_p(ratings(generator, 9, 8, (4, 4, 17), 25.0)) < 0.02


def test_p_wants_a_difference_over_raters_and_over_clips():
    one_clip = np.zeros((12, 10))
    one_clip[:, 3] = 60
    assert difference_p(one_clip) > 0.3
    one_rater = one_clip.T
    assert difference_p(one_rater) > 0.3
    assert difference_p(np.full((8, 8), 10.0)) == pytest.approx(2 / 2**8)
    assert difference_p(np.zeros((8, 8))) == 1
    assert difference_p(np.ones((1, 8))) is None
    assert difference_p(np.full((2, 2), NAN)) is None


def test_p_does_not_depend_on_which_system_comes_first():
    values = ratings(np.random.default_rng(8), 9, 14, mean=5.0)
    assert difference_p(values) == pytest.approx(difference_p(-values), abs=1e-12)
