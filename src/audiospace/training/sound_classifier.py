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
from audiospace.training.config import DataConfig
from audiospace.training.engine import step_randomness
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
from audiospace.training.picture_bank import JudgeSounds, PictureBank, fill_bank, noise_pictures
from audiospace.training.shares import Share, share_of

LABEL_SMOOTHING = 0.05
NOISES = 64
VALIDATION_SEED = 30_000_001
NOTES = {
    "version": "1",
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


@dataclass
class JudgeStage:
    """The classifier with its pictures and losses.

    Attributes:
        classifier: The trainable network.
        log_mel: Makes the pictures that it sees.
        training: Sounds to learn from.
        validation: Unseen procedural sounds, as they are.
        noise: Pictures of noise to learn with.
    """

    classifier: SoundClassifier
    log_mel: LogMel
    training: PictureBank
    validation: PictureBank
    noise: Tensor

    @classmethod
    def build(cls, data: DataConfig, seed: int, on_item: Callable[[int], None] | None = None) -> "JudgeStage":
        """Draw the sounds and make the stage with fresh weights.

        Args:
            data: Folders of recordings, of which the judge's share is used; `items` and `validation_items`
                are sounds of each kind.
            seed: Of the sounds drawn.
            on_item: Called after each sound of the training bank with the number done.

        Returns:
            The stage.
        """
        log_mel = LogMel(FrontEnd())
        sounds = JudgeSounds(SoundLibrary(recordings_of("judge", data.sounds), {}), SoundLibrary.procedural())
        unseen = JudgeSounds(SoundLibrary({}, {}), SoundLibrary.procedural())
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
        classifier = SoundClassifier(ClassifierShape(labels=len(KINDS)))
        return cls(classifier, log_mel, training, validation, noise)

    @property
    def network(self) -> nn.Module:
        """The trainable part."""
        return self.classifier

    def losses(self, step: int, batch_size: int, seed: int) -> dict[str, Tensor]:
        """Classify a batch of pictures altered anew for this step.

        Args:
            step: Number of the step.
            batch_size: Pictures in the batch.
            seed: The run's seed.

        Returns:
            Scalars: 'total', the cross-entropy in nats, and 'accuracy' on the altered sounds.
        """
        rng, _ = step_randomness(seed, step)
        chosen = torch.from_numpy(rng.integers(len(self.training), size=batch_size))
        goal = nn.functional.one_hot(self.training.kinds[chosen], len(KINDS)).float()
        power = cut(self.training.power[chosen], self.log_mel.front_end.window_frames, rng)
        power, goal = mixed(silenced(power, 0.2, rng), goal, share=0.4, rng=rng)
        power = noisy(power * random_filters(batch_size, power.shape[2], rng), self.noise, share=0.4, rng=rng)
        pictures = self.log_mel.picture(relevelled(power) * random_gains(batch_size, rng))
        logits = self.classifier(masked(pictures, rng))
        total = nn.functional.cross_entropy(logits, goal, label_smoothing=LABEL_SMOOTHING)
        return {"total": total, "accuracy": _accuracy(logits, goal)}

    def validate(self) -> dict[str, float]:
        """Classify unseen procedural sounds as they are.

        Returns:
            'total', the cross-entropy in nats (chance: ln 28 = 3.33), and 'accuracy' (chance: 1 / 28).
        """
        frames = self.log_mel.front_end.window_frames
        power = cut(self.validation.power, frames, np.random.default_rng(VALIDATION_SEED))
        logits = self.classifier(self.log_mel.picture(power))
        goal = nn.functional.one_hot(self.validation.kinds, len(KINDS)).float()
        total = nn.functional.cross_entropy(logits, goal)
        return {"total": float(total), "accuracy": float(_accuracy(logits, goal))}

    def write(self, path: Path) -> None:
        """Write the classifier with its settings.

        Args:
            path: The file to write.
        """
        front_end = self.log_mel.front_end
        save_judge(self.classifier, path, front_end=front_end, labels=KINDS, notes=NOTES)


def _accuracy(logits: Tensor, goal: Tensor) -> Tensor:
    return (logits.argmax(dim=-1) == goal.argmax(dim=-1)).float().mean()
