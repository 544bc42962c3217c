"""How differently a classifier labels a generated and a recorded sound.

The formulas are those of the published evaluation (`metrics/src/passt_kld.py` of the AudioSpace authors,
which follows stable-audio-metrics and AudioCraft).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

FLOOR = 1e-6
"""Added to every probability of the recorded sound, as published."""
SUM_TOLERANCE = 1e-3


def checked_probabilities(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Make sure that each row is a distribution.

    Args:
        probabilities: Shape (..., labels).

    Returns:
        The same in double precision.

    Raises:
        ValueError: A value is negative or not finite, or a row does not sum to 1 within 0.001.
    """
    exact = probabilities.astype(np.float64)
    if exact.ndim == 0 or exact.size == 0:
        raise ValueError(f"expected probabilities of shape (..., labels), got {exact.shape}")
    if not np.isfinite(exact).all() or exact.min() < 0:
        raise ValueError("probabilities must be finite and not negative")
    if np.abs(exact.sum(axis=-1) - 1).max() > SUM_TOLERANCE:
        raise ValueError("probabilities of the labels must sum to 1")
    return exact


def label_divergence(reference: NDArray[np.floating], generated: NDArray[np.floating]) -> float:
    """Give the Kullback-Leibler divergence of a generated sound's labels from those of the recorded one.

    It is sum g ln(g / (r + 1e-6)) over the labels, the generated sound's probabilities g before the bar.

    How to read it: in nats; 0 for equal labels (as low as -ln(1 + 1e-6 labels) because of the floor), at most
    ln(1e6) = 13.8 where the generated sound surely has a label that the recording has not. There is no fixed
    chance level: shuffle the pairs to get one. It depends on the classifier, so only figures of one
    classifier compare; a sound that the classifier does not know may get any value, and two sounds of one
    class but different quality get about 0. It says nothing of directions or of time.

    Args:
        reference: Probabilities of the recorded sound's labels, shape (labels,).
        generated: Probabilities of the generated sound's labels, shape (labels,).

    Returns:
        The divergence in nats.

    Raises:
        ValueError: The shapes differ or are not (labels,), or one is not a distribution.
    """
    if reference.shape != generated.shape or reference.ndim != 1:
        raise ValueError(f"expected two of shape (labels,), got {reference.shape} and {generated.shape}")
    return float(np.sum(rel_entr(checked_probabilities(generated), checked_probabilities(reference) + FLOOR)))
