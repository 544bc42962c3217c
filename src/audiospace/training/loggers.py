"""Where a run's figures, sounds and pictures go: a file of JSON lines, TensorBoard, Weights and Biases."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from audiospace.ambisonics import stereo
from audiospace.errors import MissingExtraError
from audiospace.media import writing
from audiospace.training.sound_picture import sound_picture
from audiospace.training.stage import ShownSound

LOG_NAME = "log.jsonl"
TENSORBOARD_FOLDER = "tensorboard"
PEAK = 0.9


class Logger(Protocol):
    """Somewhere to log to."""

    def figures(self, step: int, group: str, figures: Mapping[str, float]) -> None:
        """Note figures.

        Args:
            step: Steps done.
            group: 'training' or 'validation'.
            figures: By name.
        """

    def sounds(self, step: int, sounds: Sequence[ShownSound]) -> None:
        """Keep sounds to play and pictures of where they come from.

        Args:
            step: Steps done.
            sounds: What a validation made.
        """

    def close(self) -> None:
        """Write what is not yet written."""


class JsonLines:
    """A file with one row for each step that is logged and one for each validation.

    Args:
        directory: The run's folder, made if needed.
        step: Steps done already; later rows, of a run that was cut after its last checkpoint, are removed.
    """

    def __init__(self, directory: Path, step: int = 0) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / LOG_NAME
        if self._path.exists():
            rows = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
            with writing(self._path) as temporary:
                temporary.write_text(
                    "".join(filter(lambda row: _step_of(row) <= step, rows)), encoding="utf-8"
                )

    def figures(self, step: int, group: str, figures: Mapping[str, float]) -> None:
        """Append a row; names of a validation's figures begin with 'validation_'."""
        prefix = "validation_" if group == "validation" else ""
        row = {"step": step} | {prefix + name: value for name, value in figures.items()}
        with self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")

    def sounds(self, step: int, sounds: Sequence[ShownSound]) -> None:
        """Rows hold no sounds."""

    def close(self) -> None:
        """Every row is written at once."""


class TensorBoard:
    """Event files below `tensorboard/` in the run's folder.

    Args:
        directory: The run's folder.
        step: Steps done already.

    Raises:
        MissingExtraError: TensorBoard is not installed.
    """

    def __init__(self, directory: Path, step: int = 0) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingExtraError("logging to TensorBoard", "tensorboard") from error
        self._writer: Any = SummaryWriter(str(directory / TENSORBOARD_FOLDER), purge_step=step + 1)

    def figures(self, step: int, group: str, figures: Mapping[str, float]) -> None:
        """Note figures as scalars under their group."""
        for name, value in figures.items():
            self._writer.add_scalar(f"{group}/{name}", value, step)

    def sounds(self, step: int, sounds: Sequence[ShownSound]) -> None:
        """Keep each sound as mono, which is all that TensorBoard plays, and its energy map over time."""
        for sound in sounds:
            heard = _audible(sound).mean(axis=0, keepdims=True)
            self._writer.add_audio(f"sound/{sound.name}", heard, step, sample_rate=sound.sample_rate)
            self._writer.add_image(f"energy/{sound.name}", sound_picture(sound), step, dataformats="HWC")

    def close(self) -> None:
        """Write what is not yet written."""
        self._writer.close()


class WeightsAndBiases:
    """A run of Weights and Biases, under the account that its own tools are logged in to.

    Args:
        directory: The run's folder, whose path names the run.
        project: Name of the project.
        settings: The stage's configuration.

    Raises:
        MissingExtraError: wandb is not installed.
    """

    def __init__(self, directory: Path, project: str, settings: Mapping[str, object]) -> None:
        try:
            import wandb
        except ImportError as error:
            raise MissingExtraError("logging to Weights and Biases", "wandb") from error
        self._wandb: Any = wandb
        name = "-".join(directory.resolve().parts[-2:])
        self._run: Any = wandb.init(
            project=project, id=name, name=name, dir=str(directory), config=dict(settings), resume="allow"
        )

    def figures(self, step: int, group: str, figures: Mapping[str, float]) -> None:
        """Note figures under their group."""
        self._run.log({f"{group}/{name}": value for name, value in figures.items()}, step=step)

    def sounds(self, step: int, sounds: Sequence[ShownSound]) -> None:
        """Keep each sound in stereo and its energy map over time."""
        media: dict[str, object] = {}
        for sound in sounds:
            media[f"sound/{sound.name}"] = self._wandb.Audio(_audible(sound).T, sound.sample_rate)
            media[f"energy/{sound.name}"] = self._wandb.Image(sound_picture(sound))
        if media:
            self._run.log(media, step=step)

    def close(self) -> None:
        """End the run."""
        self._run.finish()


def _audible(sound: ShownSound) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The sound in stereo, shape (2, samples), no louder than full scale."""
    heard = stereo(sound.field)
    return np.asarray(heard * min(1.0, PEAK / (float(np.abs(heard).max()) + 1e-9)), dtype=np.float32)


def _step_of(row: str) -> float:
    """Step of a row of the log; a row that was cut off belongs to no step."""
    try:
        return float(json.loads(row)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
