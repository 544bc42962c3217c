import sys

import numpy as np
import pytest

from audiospace.metrics import GROUP_COUNT, kernel_distance, kernel_replicates


def _kernel(x, y):
    return (np.dot(x, y) / len(x) + 1) ** 3


def _by_loops(first, second):
    n, m = len(first), len(second)
    inside = sum(_kernel(first[i], first[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    inside += sum(_kernel(second[i], second[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return inside - 2 * sum(_kernel(x, y) for x in first for y in second) / (n * m)


def test_agrees_with_a_double_loop_whatever_the_block(monkeypatch):
    generator = np.random.default_rng(0)
    first, second = generator.standard_normal((23, 6)), generator.standard_normal((31, 6)) + 0.4
    expected = _by_loops(first, second)
    assert kernel_distance(first, second) == pytest.approx(expected, rel=1e-10)
    assert kernel_distance(second, first) == pytest.approx(expected, rel=1e-10)
    monkeypatch.setattr(sys.modules["audiospace.metrics.kernel_distance"], "BLOCK", 5)
    assert kernel_distance(first, second) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("count", [5, 40])
def test_halves_of_one_distribution_are_at_zero_on_average(count):
    generator = np.random.default_rng(1)
    found = [kernel_distance(*generator.standard_normal((2, count, 8))) for _ in range(400)]
    assert abs(np.mean(found)) < 3 * np.std(found) / 20
    assert min(found) < 0 < max(found)


def test_it_grows_with_the_distance():
    generator = np.random.default_rng(2)
    first, second = generator.standard_normal((2, 200, 8))
    found = [kernel_distance(first, second + shift) for shift in (0.0, 0.3, 0.6, 1.2)]
    assert found == sorted(found)
    assert found[1] > 0.01


def test_it_sees_what_means_and_covariances_do_not():
    generator = np.random.default_rng(3)
    skewed = generator.exponential(1.0, (1000, 2)) - 1.0
    assert kernel_distance(skewed, -skewed[::-1]) > 0.5


@pytest.mark.parametrize("count", [4, 30])
def test_replicates_leave_the_same_rows_out_of_both_sets(count):
    generator = np.random.default_rng(4)
    first, second = generator.standard_normal((2, count, 5))
    found = kernel_replicates(first, second)
    assert found.n == count
    assert found.whole == pytest.approx(kernel_distance(first, second))
    for group in range(min(count, GROUP_COUNT)):
        kept = np.arange(count) % GROUP_COUNT != group
        assert found.without[group] == pytest.approx(kernel_distance(first[kept], second[kept]), rel=1e-9)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_rows_have_no_distance(count):
    rows = np.random.default_rng(0).standard_normal((2, 3))
    found = kernel_replicates(rows, rows[:count])
    assert found.n == count
    assert np.isnan(found.whole) == (count < 2)
    assert np.isnan(found.without).all()


def test_what_does_not_fit_is_refused():
    rows = np.random.default_rng(0).standard_normal((2, 3))
    for wrong in (rows[0], rows[:, :0], np.full((2, 3), np.inf)):
        with pytest.raises(ValueError, match="embeddings"):
            kernel_distance(rows, wrong)
    with pytest.raises(ValueError, match="3 dimensions with 2"):
        kernel_distance(rows, rows[:, :2])
