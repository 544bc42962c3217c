"""How sure a classifier is of each sound, and how many kinds of sound a set has: the inception score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from audiospace.metrics.label_divergence import checked_probabilities


@dataclass(frozen=True, eq=False)
class LabelStatistics:
    """What the inception score needs to know of a set of sounds.

    Attributes:
        count: How many sounds there are, at least 1.
        probabilities: Sum of their label probabilities, shape (labels,).
        negative_entropy: Sum of p ln p over their labels, in nats, 0 or less.
    """

    count: int
    probabilities: NDArray[np.float64]
    negative_entropy: float

    @classmethod
    def of(cls, probabilities: NDArray[np.floating]) -> LabelStatistics:
        """Describe one batch.

        Args:
            probabilities: One distribution for each sound, shape (count, labels), count at least 1.

        Returns:
            Its statistics in double precision.

        Raises:
            ValueError: The shape is another one, or a row is not a distribution.
        """
        if probabilities.ndim != 2:
            raise ValueError(f"expected probabilities of shape (count, labels), got {probabilities.shape}")
        exact = checked_probabilities(probabilities)
        return cls(len(exact), exact.sum(axis=0), float(xlogy(exact, exact).sum()))

    def merged(self, other: LabelStatistics) -> LabelStatistics:
        """Describe two sets taken together.

        Args:
            other: Statistics of other sounds with the same labels.

        Returns:
            The statistics that all of them have at once, up to rounding.

        Raises:
            ValueError: The numbers of labels differ.
        """
        if self.probabilities.shape != other.probabilities.shape:
            raise ValueError(f"cannot merge {self.probabilities.size} labels with {other.probabilities.size}")
        return LabelStatistics(
            self.count + other.count,
            self.probabilities + other.probabilities,
            self.negative_entropy + other.negative_entropy,
        )


def inception_score(statistics: LabelStatistics) -> float:
    """Give exp of the mean divergence of a sound's labels from those of the whole set.

    It is exp(mean KL(p(label | sound) || p(label))) (Salimans et al., 2016) with any classifier's labels.

    How to read it: from 1 (every sound is labelled alike, or none with any confidence; the level of a system
    that knows nothing) to the smaller of the number of sounds and of labels (each sound surely of one kind,
    all kinds equally often): an effective number of kinds. It never looks at the recorded sounds, so give the
    recordings' own score beside it; a system need not beat it. It is biased downwards for small sets (Chong
    and Forsyth, 2020): compare only figures with equal numbers of clips and of one classifier. A system that
    makes one perfect sound of each kind, whatever the video, gets the highest score.

    Args:
        statistics: Statistics of the set.

    Returns:
        The score, 1 or more.
    """
    mean = statistics.probabilities / statistics.count
    divergence = statistics.negative_entropy / statistics.count - float(xlogy(mean, mean).sum())
    return float(np.exp(max(0.0, divergence)))
