"""The judge's stage: a small classifier learns the kinds of source from recordings and synthesis."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from audiospace.hearing.classifier import ClassifierShape, SoundClassifier
from audiospace.hearing.judge_file import save_judge
from audiospace.hearing.log_mel import FrontEnd, LogMel
from audiospace.simulate import KINDS, SoundLibrary
from audiospace.simulate.recordings import Recording, find_recordings
from audiospace.simulate.shares import Share, share_of
from audiospace.training.batches import Place
from audiospace.training.config import StageConfig
from audiospace.training.picture_augmentation import (
    cut,
    masked,
    mixed,
    noisy,
    random_filters,
    random_gains,
    relevelled,
    silenced,
)
from audiospace.training.picture_bank import PictureBank, fill_bank, noise_pictures
from audiospace.training.stage import TOTAL, Batch, Player, Validation

LABEL_SMOOTHING = 0.05
NOISES = 64
GENERATOR_WORTH = 8
"""So many recordings of a kind are drawn as often as its generator: no kind is learnt from one recording."""
VALIDATION_SEED = 30_000_001
NOTES = {
    "version": "2",
    "trained on": "free recordings and procedural sounds listed in docs/sound-judge.md",
    "figures": "not comparable with published ones",
}


def recordings_of(share: Share, folders: tuple[str, ...]) -> dict[str, tuple[Recording, ...]]:
    """The recordings of one share, by kind.

    Args:
        share: As `shares.share_of` names it.
        folders: Folders of labelled recordings.

    Returns:
        From kind to recordings, only kinds that have some.
    """
    found = [item for item in find_recordings(map(Path, folders)) if share_of(item.path) == share]
    by_kind = {kind: tuple(item for item in found if item.kind == kind) for kind in KINDS}
    return {kind: group for kind, group in by_kind.items() if group}


class Recognition(nn.Module):
    """The classifier's objective.

    Args:
        classifier: The network.
    """

    def __init__(self, classifier: SoundClassifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Classify pictures.

        Args:
            batch: 'pictures' (items, 1, bands, frames) and 'goal', shares of the kinds (items, kinds).

        Returns:
            Scalars: 'total', the cross-entropy in nats, and 'accuracy'.
        """
        logits, goal = self.classifier(batch["pictures"]), batch["goal"]
        smoothing = LABEL_SMOOTHING if self.training else 0.0
        total = nn.functional.cross_entropy(logits, goal, label_smoothing=smoothing)
        right = (logits.argmax(dim=-1) == goal.argmax(dim=-1)).float().mean()
        return {TOTAL: total, "accuracy": right}


@dataclass(frozen=True)
class JudgeStage:
    """The classifier with its pictures and losses.

    Attributes:
        objective: Holds the trainable network.
        log_mel: Makes the pictures that it sees.
        training: Sounds to learn from.
        validation: Unseen procedural sounds, as they are.
        noise: Pictures of noise to learn with.
        settings: The stage's configuration.
    """

    objective: Recognition
    log_mel: LogMel
    training: PictureBank
    validation: PictureBank
    noise: Tensor
    settings: StageConfig

    @classmethod
    def build(cls, settings: StageConfig, on_item: Callable[[int], None] | None = None) -> "JudgeStage":
        """Draw the sounds and make the stage with fresh weights.

        Args:
            settings: Names folders of recordings, of which the judge's share is used; `data.items` and
                `data.validation_items` are sounds of each kind.
            on_item: Called after each sound of the training bank with the number done.

        Returns:
            The stage.
        """
        log_mel, data, seed = LogMel(FrontEnd()), settings.data, settings.run.seed
        recordings, unseen = recordings_of("judge", data.sounds), SoundLibrary.procedural()
        sounds = SoundLibrary(recordings, unseen.generators, GENERATOR_WORTH)
        training = fill_bank(
            sounds, log_mel, seconds=data.seconds, per_kind=data.items, seed=seed, on_item=on_item
        )
        validation = fill_bank(
            unseen,
            log_mel,
            seconds=data.seconds,
            per_kind=data.validation_items,
            seed=VALIDATION_SEED,
            altered=False,
        )
        noise = noise_pictures(log_mel, seconds=2 * data.seconds, items=NOISES, seed=seed)
        objective = Recognition(SoundClassifier(ClassifierShape(labels=len(KINDS))))
        return cls(objective, log_mel, training, validation, noise, settings)

    @property
    def players(self) -> tuple[Player, ...]:
        """One: the classifier."""
        return (Player("classifier", self.objective, self.settings.optimiser),)

    def batch(self, step: int, place: Place) -> Batch:
        """Pictures altered anew for this step. Items are mixed with each other, so all of them are made.

        Args:
            step: Number of the step.
            place: Which share.

        Returns:
            What `Recognition` reads.
        """
        rng, count = np.random.default_rng((self.settings.run.seed, step)), place.batch_size
        chosen = torch.from_numpy(rng.integers(len(self.training), size=count))
        goal = nn.functional.one_hot(self.training.kinds[chosen], len(KINDS)).float()
        power = cut(self.training.power[chosen], self.log_mel.front_end.window_frames, rng)
        power, goal = mixed(silenced(power, 0.2, rng), goal, share=0.4, rng=rng)
        power = noisy(power * random_filters(count, power.shape[2], rng), self.noise, share=0.4, rng=rng)
        pictures = masked(self.log_mel.picture(relevelled(power) * random_gains(count, rng)), rng)
        share = slice(place.numbers.start, place.numbers.stop)
        return {"pictures": pictures[share], "goal": goal[share]}

    def validate(self, show: int) -> Validation:  # noqa: ARG002
        """Classify unseen procedural sounds as they are.

        Args:
            show: There is nothing to hear.

        Returns:
            'total', the cross-entropy in nats (chance: ln 28 = 3.33), and 'accuracy' (chance: 1 / 28).
        """
        device = next(self.objective.parameters()).device
        frames = self.log_mel.front_end.window_frames
        power = cut(self.validation.power, frames, np.random.default_rng(VALIDATION_SEED))
        goal = nn.functional.one_hot(self.validation.kinds, len(KINDS)).float()
        batch = {"pictures": self.log_mel.picture(power).to(device), "goal": goal.to(device)}
        return Validation({name: float(value) for name, value in self.objective(batch).items()})

    def write(self, path: Path) -> None:
        """Write the classifier with its settings.

        Args:
            path: The file to write.
        """
        front_end = self.log_mel.front_end
        save_judge(self.objective.classifier, path, front_end=front_end, labels=KINDS, notes=NOTES)
