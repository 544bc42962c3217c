"""What every recogniser of sound gives: embeddings of windows and, where it has labels, logits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Heard:
    """What an embedder makes of one sound.

    Attributes:
        embeddings: One vector per window of the sound, shape (windows, dimensions), windows >= 1.
        logits: Unnormalised log-probabilities of the embedder's labels, shape (labels,), averaged over the
            windows; None for an embedder without labels.
    """

    embeddings: NDArray[np.float32]
    logits: NDArray[np.float32] | None

    @property
    def probabilities(self) -> NDArray[np.float64] | None:
        """Softmax of the logits, shape (labels,), sums to 1; None for an embedder without labels."""
        if self.logits is None:
            return None
        shifted = np.exp(self.logits.astype(np.float64) - float(self.logits.max()))
        return np.asarray(shifted / shifted.sum(), dtype=np.float64)


class SoundEmbedder(Protocol):
    """Anything that turns sound into vectors, and perhaps into labels."""

    @property
    def id(self) -> str:
        """Name and version of the weights: part of the key of everything that is cached."""

    @property
    def title(self) -> str:
        """Name for tables."""

    @property
    def sample_rate(self) -> int:
        """Samples a second that `hear` expects."""

    @property
    def dimensions(self) -> int:
        """Length of an embedding."""

    @property
    def labels(self) -> tuple[str, ...] | None:
        """What the logits stand for, in their order; None for an embedder without labels."""

    @property
    def comparable(self) -> bool:
        """Whether figures made with it may be set beside published ones."""

    def hear(self, sound: NDArray[np.floating]) -> Heard:
        """Listen to one sound.

        Args:
            sound: Samples at `sample_rate`, shape (channels, n), n >= 1; four channels are AmbiX. How
                channels become one is the embedder's business.

        Returns:
            Embeddings and logits.
        """


@runtime_checkable
class WordEmbedder(Protocol):
    """An embedder that puts sentences into the same space as sounds."""

    def embed_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed sentences, to be compared with sounds by their cosine.

        Args:
            texts: English sentences.

        Returns:
            Shape (texts, dimensions).
        """
