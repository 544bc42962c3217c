import numpy as np
import pytest
from scipy.stats import entropy

from audiospace.metrics import LabelStatistics, inception_score


def _probabilities(count, seed, labels=9):
    return np.random.default_rng(seed).dirichlet(np.full(labels, 0.3), count)


def test_agrees_with_the_direct_formula():
    probabilities = _probabilities(60, 0)
    mean = probabilities.mean(axis=0)
    expected = np.exp(np.mean([entropy(one, mean) for one in probabilities]))
    assert inception_score(LabelStatistics.of(probabilities)) == pytest.approx(expected, rel=1e-12)


def test_batches_are_the_whole():
    probabilities = _probabilities(60, 1)
    first, second = LabelStatistics.of(probabilities[:13]), LabelStatistics.of(probabilities[13:])
    whole = inception_score(LabelStatistics.of(probabilities))
    assert inception_score(first.merged(second)) == pytest.approx(whole, rel=1e-12)
    assert inception_score(second.merged(first)) == pytest.approx(whole, rel=1e-12)


def test_it_is_an_effective_number_of_kinds():
    assert inception_score(LabelStatistics.of(np.eye(7))) == pytest.approx(7.0)
    assert inception_score(LabelStatistics.of(np.eye(7)[[0, 0, 3, 3]])) == pytest.approx(2.0)
    assert inception_score(LabelStatistics.of(np.full((5, 7), 1 / 7))) == pytest.approx(1.0)
    assert inception_score(LabelStatistics.of(_probabilities(1, 2))) == pytest.approx(1.0)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        LabelStatistics.of(np.ones((2, 3)))
    with pytest.raises(ValueError, match="shape"):
        LabelStatistics.of(np.array([0.5, 0.5]))
    with pytest.raises(ValueError, match="3 labels with 4"):
        LabelStatistics.of(np.eye(3)).merged(LabelStatistics.of(np.eye(4)))
