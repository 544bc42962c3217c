import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity as sklearn_cosine

from audiospace.metrics.similarity import cosine_similarity
from audiospace.metrics.sound_field import UndefinedError


def test_it_is_the_cosine_of_scikit_learn():
    a, b = np.random.default_rng(0).normal(size=(2, 50))
    assert cosine_similarity(a, b) == pytest.approx(sklearn_cosine([a], [b])[0, 0], abs=1e-12)


@given(st.floats(1e-6, 1e6), st.integers(0, 1000))
def test_lengths_do_not_matter_and_the_order_neither(gain, seed):
    a, b = np.random.default_rng(seed).normal(size=(2, 3, 8))
    value = cosine_similarity(a, b)
    assert -1 <= value <= 1
    assert cosine_similarity(gain * b, a) == pytest.approx(value, abs=1e-9)


def test_known_answers():
    assert cosine_similarity(np.array([1.0, 0.0]), np.array([5.0, 0.0])) == pytest.approx(1)
    assert cosine_similarity(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == pytest.approx(0)
    assert cosine_similarity(np.array([1.0, 0.0]), np.array([-3.0, 0.0])) == pytest.approx(-1)
    windows = np.array([[100.0, 0.0], [0.0, 1.0]])
    assert cosine_similarity(windows, np.array([1.0, 0.0])) == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize(
    "bad", [np.zeros(4), np.full(4, np.nan), np.array([[1.0, 0, 0, 0], [-1.0, 0, 0, 0]])]
)
def test_what_has_no_direction_has_no_similarity(bad):
    with pytest.raises(UndefinedError):
        cosine_similarity(bad, np.ones(4))


@pytest.mark.parametrize("shape", [(3,), (0, 4), (1, 1, 4), ()])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="embeddings"):
        cosine_similarity(np.ones(shape), np.ones(4))
