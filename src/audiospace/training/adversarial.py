"""The game between the autoencoder and its discriminator."""

from torch import Tensor, nn

from audiospace.training.discriminator import Discriminator, Verdict, level_of
from audiospace.training.losses import discriminator_hinge, feature_distance, generator_hinge
from audiospace.training.stage import TOTAL, Batch, frozen_call


class Discrimination(nn.Module):
    """The discriminator's objective: to tell fields from their reconstructions.

    Args:
        discriminator: The network.
    """

    def __init__(self, discriminator: Discriminator) -> None:
        super().__init__()
        self.discriminator = discriminator

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Judge real fields ('field') and reconstructed ones ('estimate').

        Args:
            batch: Both of shape (items, 4, samples).

        Returns:
            Scalar 'total', the hinge loss: 2 where it cannot tell, 0 where it always can.
        """
        target, level = batch["field"], level_of(batch["field"])
        real = self.discriminator(target, level)
        made = self.discriminator(batch["estimate"].detach(), level)
        return {TOTAL: discriminator_hinge(_scores(real), _scores(made))}


def adversarial_losses(discriminator: Discriminator, estimate: Tensor, target: Tensor) -> dict[str, Tensor]:
    """What the discriminator, taken as it is, says of a reconstruction.

    Args:
        discriminator: Judges both; no gradient reaches its weights.
        estimate: Reconstructed fields, shape (items, 4, samples).
        target: Real ones of the same shape.

    Returns:
        Scalars 'adversarial' (hinge) and 'feature_matching', both unweighted.
    """
    level = level_of(target)
    made: tuple[Verdict, ...] = frozen_call(discriminator, estimate, level)
    real: tuple[Verdict, ...] = frozen_call(discriminator, target, level)
    return {
        "adversarial": generator_hinge(_scores(made)),
        "feature_matching": feature_distance(_features(real), _features(made)),
    }


def _scores(verdicts: tuple[Verdict, ...]) -> list[Tensor]:
    return [verdict.scores for verdict in verdicts]


def _features(verdicts: tuple[Verdict, ...]) -> list[tuple[Tensor, ...]]:
    return [verdict.features for verdict in verdicts]
