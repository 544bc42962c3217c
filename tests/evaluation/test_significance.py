import numpy as np
import pytest
from scipy.stats import permutation_test

from audiospace.evaluation.significance import Comparison, adjust, compare_clips, holm, sign_flip_p
from audiospace.evaluation.statistics import bootstrap_mean


def _by_scipy(differences):
    return permutation_test(
        (differences, np.zeros_like(differences)),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        vectorized=True,
        permutation_type="samples",
        n_resamples=np.inf,
    ).pvalue


@pytest.mark.parametrize("n", [2, 5, 9, 12])
def test_few_clips_are_exact(n):
    differences = np.random.default_rng(n).normal(0.4, 1.0, n)
    assert sign_flip_p(differences[None, :])[0] == pytest.approx(_by_scipy(differences), abs=1e-12)


def test_ties_count_as_equal_in_spite_of_rounding():
    differences = np.array([0.1, 0.2, 0.3, -0.1, 0.7, 0.1])
    assert sign_flip_p(differences[None, :])[0] == pytest.approx(_by_scipy(differences), abs=1e-12)
    assert sign_flip_p(np.full((1, 5), 0.1))[0] == pytest.approx(2 / 32)


def test_many_clips_are_near_the_exact_value():
    differences = np.random.default_rng(7).normal(0.4, 1.0, 16)
    exact = _by_scipy(differences)
    assert 0.01 < exact < 0.3
    assert sign_flip_p(differences[None, :])[0] == pytest.approx(exact, abs=4 * (exact / 10_000) ** 0.5)


def test_p_is_never_zero_and_one_for_no_difference():
    assert sign_flip_p(np.ones((1, 50)))[0] == pytest.approx(1 / 10_001)
    assert sign_flip_p(np.zeros((1, 50)))[0] == 1.0
    assert sign_flip_p(np.zeros((1, 3)))[0] == 1.0


@pytest.mark.parametrize("n", [11, 30])
def test_p_is_uniform_without_a_difference(n):
    differences = np.random.default_rng(11).standard_t(3, (2000, n))
    p_values = sign_flip_p(differences, draws=2000)
    for level in (0.05, 0.2, 0.5):
        assert np.mean(p_values <= level) == pytest.approx(level, abs=3.5 * (level / 2000) ** 0.5)


def test_blocks_do_not_matter(monkeypatch):
    differences = np.random.default_rng(0).normal(0.2, 1.0, (3, 25))
    expected = sign_flip_p(differences)
    monkeypatch.setattr("audiospace.evaluation.significance.BLOCK", 256 * 25)
    np.testing.assert_array_equal(sign_flip_p(differences), expected)


def test_holm_gives_the_known_example():
    # Three of the adjusted values follow from the definition: 4 x 0.005, 3 x 0.01, 2 x 0.03, no smaller next.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert holm([]) == ()


def test_comparisons_without_p_are_no_part_of_the_family():
    def one(p):
        return Comparison("m", "a", "b", 5, 0.0, 0.0, 0.0, p, None)

    assert [found.p_adjusted for found in adjust([one(0.02), one(None), one(0.03)])] == [0.04, None, 0.04]


def _values(n, seed, shift=0.0):
    return {f"clip{index}": value for index, value in enumerate(_draw(n, seed) + shift)}


def _draw(n, seed):
    return np.random.default_rng(seed).normal(1.0, 0.3, n)


def test_a_real_difference_is_found_and_a_like_system_spared():
    values = {"a": _values(60, 0), "b": _values(60, 1), "c": _values(60, 2, shift=0.4)}
    found = {(one.first, one.second): one for one in compare_clips("angle", values)}
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found["a", "b"].p_adjusted > 0.05
    assert found["a", "b"].low < 0 < found["a", "b"].high
    for pair in (("a", "c"), ("b", "c")):
        assert found[pair].p_adjusted < 0.01
        assert found[pair].high < 0


def test_only_the_clips_that_both_have_are_compared():
    values = {"a": _values(20, 0), "b": {**_values(15, 1), "other": 99.0}}
    (found,) = compare_clips("angle", values, seed=4)
    differences = [values["a"][clip] - values["b"][clip] for clip in sorted(_values(15, 1))]
    interval = bootstrap_mean(differences, seed=4)
    assert (found.n, found.metric) == (15, "angle")
    assert (found.difference, found.low, found.high) == pytest.approx(
        (interval.mean, interval.low, interval.high)
    )
    assert found.p == sign_flip_p(np.array([differences]), seed=4)[0]


@pytest.mark.parametrize("n", [8, 40])
def test_swapping_the_systems_turns_the_signs_only(n):
    first, second = _values(n, 0), _values(n, 1, shift=0.1)
    (one,) = compare_clips("m", {"a": first, "b": second})
    (other,) = compare_clips("m", {"b": second, "a": first})
    assert (other.difference, other.low, other.high) == pytest.approx((-one.difference, -one.high, -one.low))
    assert other.p == one.p


def test_order_of_clips_and_other_systems_do_not_matter():
    first, second = _values(30, 0), _values(30, 1)
    (alone,) = compare_clips("m", {"a": first, "b": second})
    backwards = dict(reversed(list(first.items())))
    among = compare_clips("m", {"a": backwards, "b": second, "c": _values(30, 2)})[0]
    assert (among.low, among.high, among.p) == pytest.approx((alone.low, alone.high, alone.p))


def test_one_shared_clip_has_no_p_and_none_no_difference():
    values = {"a": {"x": 1.0, "y": 2.0}, "b": {"x": 3.0}, "c": {"z": 1.0}}
    one, none, _ = compare_clips("m", values)
    assert (one.n, one.difference, one.low, one.high, one.p, one.p_adjusted) == (
        1,
        -2.0,
        -2.0,
        -2.0,
        None,
        None,
    )
    assert (none.n, none.p) == (0, None)
    assert np.isnan([none.difference, none.low, none.high]).all()
    assert compare_clips("m", {"a": {"x": 1.0}}) == ()


def test_what_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not finite"):
        compare_clips("m", {"a": {"x": np.nan, "y": 1.0}, "b": {"x": 1.0, "y": 1.0}})
    with pytest.raises(ValueError, match="not finite"):
        sign_flip_p(np.array([[np.inf, 1.0]]))
    with pytest.raises(ValueError, match="shape"):
        sign_flip_p(np.ones(4))
