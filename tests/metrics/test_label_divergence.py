import numpy as np
import pytest
import torch
from scipy.stats import entropy
from sklearn.metrics import log_loss

from audiospace.metrics import label_divergence


def _probabilities(seed, labels=527):
    return np.random.default_rng(seed).dirichlet(np.full(labels, 0.1))


def test_agrees_with_scipy():
    reference, generated = _probabilities(1), _probabilities(2)
    floored = reference + 1e-6
    # `entropy` scales its second argument to sum to 1, which takes off the logarithm of the sum.
    expected = entropy(generated, floored) - np.log(floored.sum())
    assert label_divergence(reference, generated) == pytest.approx(expected, rel=1e-12)


def test_agrees_with_the_published_call():
    reference, generated = _probabilities(3), _probabilities(4)
    log_reference = torch.log(torch.from_numpy(reference) + 1e-6)
    expected = torch.nn.functional.kl_div(
        log_reference, torch.from_numpy(generated), reduction="sum", log_target=False
    )
    assert label_divergence(reference, generated) == pytest.approx(float(expected), rel=1e-12)


def test_a_sure_label_has_the_log_loss():
    reference = np.array([0.7, 0.2, 0.1])
    expected = log_loss([0], [reference], labels=[0, 1, 2])
    assert label_divergence(reference, np.array([1.0, 0.0, 0.0])) == pytest.approx(expected, abs=1e-5)


def test_the_generated_sound_stands_before_the_bar():
    sure, unsure = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    assert label_divergence(unsure, sure) == pytest.approx(np.log(2), abs=1e-5)
    assert label_divergence(sure, unsure) == pytest.approx(0.5 * np.log(0.5) + 0.5 * np.log(0.5e6), abs=1e-5)


def test_range_is_as_documented():
    same = _probabilities(5)
    assert -np.log(1 + 527e-6) <= label_divergence(same, same) <= 0
    assert label_divergence(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(np.log(1e6))


def test_what_is_no_distribution_is_refused():
    half = np.array([0.5, 0.5])
    for wrong in (np.array([0.5, 0.6]), np.array([1.5, -0.5]), np.array([np.nan, 1.0])):
        for pair in ((half, wrong), (wrong, half)):
            with pytest.raises(ValueError, match="probabilities"):
                label_divergence(*pair)
    with pytest.raises(ValueError, match="labels"):
        label_divergence(half, np.array([1.0, 0.0, 0.0]))
