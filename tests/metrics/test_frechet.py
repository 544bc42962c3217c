import numpy as np
import pytest
from scipy.linalg import sqrtm

from audiospace.metrics import GaussianStatistics, frechet_distance


def _embeddings(count, dimensions, seed, *, shift=0.0):
    generator = np.random.default_rng(seed)
    mixing = np.eye(dimensions) + 0.3 * generator.standard_normal((dimensions, dimensions)) / dimensions**0.5
    return generator.standard_normal((count, dimensions)) @ mixing + shift


def _by_square_root(first, second):
    step = first.mean(axis=0) - second.mean(axis=0)
    a, b = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    return step @ step + np.trace(a + b - 2 * sqrtm(a @ b).real)


@pytest.mark.parametrize(("dimensions", "shift"), [(3, 0.5), (40, 0.0), (64, 0.1)])
def test_agrees_with_the_matrix_square_root(dimensions, shift):
    first, second = _embeddings(500, dimensions, 1), _embeddings(700, dimensions, 2, shift=shift)
    found = frechet_distance(GaussianStatistics.of(first), GaussianStatistics.of(second))
    assert found == pytest.approx(_by_square_root(first, second), rel=1e-6)


def _gaussian(mean, covariance, count=10):
    covariance = np.asarray(covariance, dtype=float)
    return GaussianStatistics(count, np.asarray(mean, dtype=float), covariance * (count - 1))


def test_one_dimension_has_a_closed_form():
    found = frechet_distance(_gaussian([1.0], [[4.0]]), _gaussian([3.5], [[9.0]]))
    assert found == pytest.approx(2.5**2 + (2.0 - 3.0) ** 2)


def test_diagonal_covariances_have_a_closed_form():
    first, second = np.array([1.0, 4.0, 0.0, 2.0]), np.array([9.0, 0.25, 3.0, 2.0])
    found = frechet_distance(_gaussian(np.zeros(4), np.diag(first)), _gaussian(np.ones(4), np.diag(second)))
    assert found == pytest.approx(4 + np.sum((np.sqrt(first) - np.sqrt(second)) ** 2))


def test_turning_both_sets_changes_nothing():
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((8, 8)))[0]
    first, second = _embeddings(100, 8, 1), _embeddings(100, 8, 2, shift=0.3)
    plain = frechet_distance(GaussianStatistics.of(first), GaussianStatistics.of(second))
    turned = frechet_distance(GaussianStatistics.of(first @ turn), GaussianStatistics.of(second @ turn))
    assert turned == pytest.approx(plain, rel=1e-10)


@pytest.mark.parametrize("count", [2, 10, 400])
def test_equal_sets_are_at_zero_and_order_does_not_matter(count):
    first = GaussianStatistics.of(_embeddings(count, 64, 1))
    second = GaussianStatistics.of(_embeddings(count, 64, 2))
    assert frechet_distance(first, first) < 1e-12 * np.trace(first.covariance)
    assert frechet_distance(first, second) == pytest.approx(frechet_distance(second, first), rel=1e-12)


def test_fewer_embeddings_than_dimensions_give_the_value_of_the_spanned_space():
    """Two sets of rank 4 in 200 dimensions, against the same sets in coordinates of the space they span."""
    few = np.random.default_rng(3).standard_normal((2, 5, 200))
    basis = np.linalg.qr(few.reshape(10, 200).T)[0]
    first, second = few @ basis
    # A square root is unreliable here, so the reference is a sum of singular values of the raw data.
    centred = [(one - one.mean(axis=0)) / 2.0 for one in (first, second)]
    overlap = np.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    step = first.mean(axis=0) - second.mean(axis=0)
    expected = step @ step + sum(np.sum(one**2) for one in centred) - 2 * overlap
    found = frechet_distance(GaussianStatistics.of(few[0]), GaussianStatistics.of(few[1]))
    assert found == pytest.approx(expected, rel=1e-9)


def test_scales_with_the_square_of_the_embeddings_at_any_scale():
    first, second = _embeddings(30, 20, 1), _embeddings(30, 20, 2)
    plain = frechet_distance(GaussianStatistics.of(first), GaussianStatistics.of(second))
    for scale in (1e-8, 1e8):
        scaled = GaussianStatistics.of(first * scale), GaussianStatistics.of(second * scale)
        assert frechet_distance(*scaled) == pytest.approx(plain * scale**2, rel=1e-9)


def test_repeating_every_dimension_doubles_it():
    first, second = _embeddings(50, 16, 1), _embeddings(60, 16, 2, shift=0.2)
    plain = frechet_distance(GaussianStatistics.of(first), GaussianStatistics.of(second))
    doubled = [GaussianStatistics.of(np.concatenate([one, one], axis=1)) for one in (first, second)]
    assert frechet_distance(*doubled) == pytest.approx(2 * plain, rel=1e-9)


def test_constant_embeddings_have_only_a_distance_of_means():
    first, second = np.zeros((5, 3)), np.full((7, 3), 2.0)
    found = frechet_distance(GaussianStatistics.of(first), GaussianStatistics.of(second))
    assert found == pytest.approx(12.0)


def test_merged_batches_are_the_whole_in_any_order():
    embeddings = _embeddings(300, 12, 5, shift=1000.0)
    whole = GaussianStatistics.of(embeddings)
    batches = np.split(embeddings, [1, 40, 41, 250])
    for order in (batches, batches[::-1]):
        merged = GaussianStatistics.of(order[0])
        for batch in order[1:]:
            merged = merged.merged(GaussianStatistics.of(batch))
        assert merged.count == 300
        np.testing.assert_allclose(merged.mean, embeddings.mean(axis=0), rtol=1e-13)
        np.testing.assert_allclose(merged.covariance, np.cov(embeddings, rowvar=False), atol=1e-10)
        assert frechet_distance(merged, whole) < 1e-9


def test_a_small_set_is_biased_upwards_as_documented():
    large = GaussianStatistics.of(_embeddings(5000, 16, 1))
    distances = []
    for count in (20, 100, 1000):
        sets = (GaussianStatistics.of(_embeddings(5000, 16, 1)[start : start + count]) for start in (0, 2500))
        distances.append(np.mean([frechet_distance(large, one) for one in sets]))
    assert distances[0] > 2 * distances[1] > 4 * distances[2] > 0


def test_one_embedding_has_no_distance():
    one = GaussianStatistics.of(np.ones((1, 4)))
    assert np.isnan(frechet_distance(one, GaussianStatistics.of(_embeddings(9, 4, 0))))
    assert np.isnan(one.covariance).all()


def test_what_does_not_fit_is_refused():
    for wrong in (np.ones(4), np.ones((0, 4)), np.array([[1.0, np.nan]])):
        with pytest.raises(ValueError, match="embeddings"):
            GaussianStatistics.of(wrong)
    three, four = GaussianStatistics.of(np.ones((2, 3))), GaussianStatistics.of(np.ones((2, 4)))
    with pytest.raises(ValueError, match="3 dimensions with 4"):
        three.merged(four)
    with pytest.raises(ValueError, match="3 dimensions with 4"):
        frechet_distance(three, four)
