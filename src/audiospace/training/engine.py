"""The training loop that every stage shares: optimise, validate, save, resume, stop when asked."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor

from audiospace.errors import UserError
from audiospace.training.batches import Place
from audiospace.training.checkpoint import FILE_NAME, load_checkpoint, save_checkpoint
from audiospace.training.config import RunConfig
from audiospace.training.loggers import Logger
from audiospace.training.prefetch import prefetched
from audiospace.training.processes import is_sharded
from audiospace.training.stage import Batch, Stage
from audiospace.training.stopping import Stopped, StopRequest, stop_requests
from audiospace.training.trained_player import TrainedPlayer


@dataclass(frozen=True)
class Progress:
    """Where a run is.

    Attributes:
        step: Steps done.
        steps: Steps in all (an estimate when the clock limits the run).
        figures: Latest figures by name.
    """

    step: int
    steps: int
    figures: dict[str, float]


@dataclass(frozen=True)
class TrainingReport:
    """What a run did.

    Attributes:
        steps: Optimiser steps in all, earlier ones of a resumed run included.
        seconds: Wall-clock seconds of this call.
        first_validation: Figures of the first validation.
        last_validation: Figures of the last one.
    """

    steps: int
    seconds: float
    first_validation: dict[str, float]
    last_validation: dict[str, float]


class Trainer:
    """Runs one stage in one folder.

    Attributes:
        step: Steps done.
        elapsed: Seconds of training so far, those of earlier calls included.
        validations: Figures of every validation so far.

    Args:
        stage: What is trained.
        run: Length, batch and reports.
        directory: The run's folder.
        fabric: Of the processes, launched.

    Raises:
        UserError: The batch cannot be shared out equally, or the strategy does not fit the stage.
    """

    def __init__(self, stage: Stage, run: RunConfig, directory: Path, fabric: Fabric) -> None:
        self.stage = stage
        self.run = run
        self.directory = directory
        self.fabric = fabric
        shares = fabric.world_size * run.accumulate
        if run.accumulate < 1 or run.batch_size % shares:
            raise UserError(
                f"a batch of {run.batch_size} cannot be shared by {fabric.world_size} processes that take it "
                f"in {run.accumulate} parts",
                remedy=f"Make batch_size a multiple of {max(1, shares)}",
            )
        if is_sharded(fabric) and len(stage.players) > 1:
            raise UserError(
                "fsdp can train one network at a time, and this stage trains "
                + " and ".join(player.name for player in stage.players),
                remedy="Use --strategy ddp",
            )
        self.place = Place(fabric.global_rank, fabric.world_size, run.batch_size)
        self.players = [
            TrainedPlayer(player, fabric, checkpoint_activations=run.checkpoint_activations)
            for player in stage.players
        ]
        self.step = 0
        self.elapsed = 0.0
        self.validations: list[dict[str, float]] = []
        self._validated_step = -1

    def resume(self) -> bool:
        """Take up the folder's checkpoint.

        Returns:
            Whether there was one.

        Raises:
            UserError: It is damaged, or of another network.
        """
        state = load_checkpoint(self.directory)
        if state is None:
            return False
        try:
            for player in self.players:
                player.restore(state["players"][player.player.name])
        except (KeyError, RuntimeError, TypeError) as error:
            raise UserError(
                "is the checkpoint of another network",
                file=self.directory / FILE_NAME,
                remedy="Resume with the configuration that it was made with",
            ) from error
        self.step = state["step"]
        self.elapsed = state["elapsed"]
        self.validations = state["validations"]
        self._validated_step = state.get("validated_step", -1)
        return True

    def save(self) -> None:
        """Write a checkpoint; all processes call this together, the first one writes."""
        state = {
            "players": {player.player.name: player.state() for player in self.players},
            "step": self.step,
            "elapsed": self.elapsed,
            "validations": self.validations,
            "validated_step": self._validated_step,
        }
        if self.fabric.is_global_zero:
            save_checkpoint(self.directory, state)
        self.fabric.barrier()

    def fit(
        self, loggers: Sequence[Logger] = (), on_progress: Callable[[Progress], None] | None = None
    ) -> TrainingReport:
        """Train to the end of the run.

        Args:
            loggers: Where figures and sounds go; those of the first process are used.
            on_progress: Called in the first process after every step.

        Returns:
            What was done. In the first process the networks then hold whole, averaged weights, on the CPU.

        Raises:
            Stopped: SIGTERM or Ctrl-C came; the step was finished and a checkpoint saved.
            UserError: A loss is no longer finite.
        """
        begun = time.monotonic()
        started = begun - self.elapsed
        loggers = loggers if self.fabric.is_global_zero else ()
        with stop_requests() as request, prefetched(self._share, self.step) as next_batch:
            if not self.validations:
                self._validate(loggers)
            while (share := self._share_done()) < 1.0:
                waiting = time.monotonic()
                batch = next_batch()
                waiting = time.monotonic() - waiting
                figures = self._advance(batch, share)
                self.elapsed = self._agree(time.monotonic() - started)
                self._report(figures | {"waiting": waiting}, loggers, on_progress)
                self._stop_if_asked(request)
        if self._validated_step != self.step:
            self._validate(loggers)
        self.save()
        for player in self.players:
            player.finish()
        return TrainingReport(self.step, time.monotonic() - begun, self.validations[0], self.validations[-1])

    def _share(self, step: int) -> Batch:
        """This process's share of a step's batch, in memory from which a GPU can fetch it by itself."""
        batch = self.stage.batch(step, self.place)
        if self.fabric.device.type != "cuda":
            return batch
        return {name: value.pin_memory() for name, value in batch.items()}

    def _share_done(self) -> float:
        """Progress through the run, 0..1, by steps or by the clock, whichever is further."""
        by_clock = self.elapsed / (60 * self.run.minutes) if self.run.minutes else 0.0
        return min(1.0, max(self.step / self.run.steps, by_clock))

    def _advance(self, batch: Batch, share: float) -> dict[str, float]:
        """One optimiser step of every player."""
        players = [player for player in self.players if self.step >= player.player.first_step]
        sums: dict[str, Tensor] = {}
        for part in range(self.run.accumulate):
            seen = self.fabric.to_device(_part(batch, part, self.run.accumulate))
            for player in players:
                last = part == self.run.accumulate - 1
                losses, outputs = player.accumulate(seen, self.run.accumulate, last=last)
                seen = {**seen, **outputs}
                for name, loss in losses.items():
                    full_name = self._named(player, name)
                    sums[full_name] = sums[full_name] + loss if full_name in sums else loss
        norms = {
            self._named(player, name): value
            for player in players
            for name, value in player.update(self.step, share).items()
        }
        self.step += 1
        stacked = torch.stack([value.float() for value in sums.values()])
        means = torch.as_tensor(self.fabric.all_reduce(stacked, reduce_op="mean")).tolist()
        if not all(math.isfinite(value) for value in means):
            raise UserError(
                f"the loss of step {self.step} is not a number",
                file=self.directory,
                remedy="Lower the learning rate and resume from the last checkpoint",
            )
        return dict(zip(sums, means, strict=True)) | norms

    def _named(self, player: TrainedPlayer, name: str) -> str:
        """A figure's name in the log, by its player for all but the first."""
        return name if player is self.players[0] else f"{player.player.name}_{name}"

    def _report(
        self,
        figures: dict[str, float],
        loggers: Sequence[Logger],
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        """Log, and now and then validate and save."""
        if self.step % self.run.log_every == 0:
            for logger in loggers:
                logger.figures(self.step, "training", {"seconds": round(self.elapsed, 2)} | figures)
        if self.step % self.run.validate_every == 0:
            self._validate(loggers)
        if self.step % self.run.checkpoint_every == 0:
            self.save()
        if on_progress is not None and self.fabric.is_global_zero:
            share = max(self._share_done(), 1e-6)
            latest = {f"validation_{name}": value for name, value in self.validations[-1].items()}
            on_progress(Progress(self.step, round(self.step / share), figures | latest))

    def _validate(self, loggers: Sequence[Logger]) -> None:
        """Validate the averaged weights."""
        with self._averaged(), torch.no_grad():
            found = self.stage.validate(self.run.show)
        figures = dict(found.figures)
        self.validations.append(figures)
        self._validated_step = self.step
        for logger in loggers:
            logger.figures(self.step, "validation", figures)
            logger.sounds(self.step, found.sounds)

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        with ExitStack() as stack:
            for player in self.players:
                stack.enter_context(player.averaged())
            yield

    def _agree(self, seconds: float) -> float:
        """The first process's clock, by which all decide when the run is over."""
        if self.fabric.world_size == 1 or not self.run.minutes:
            return seconds
        return float(self.fabric.broadcast(seconds))

    def _stop_if_asked(self, request: StopRequest) -> None:
        """Save and end in all processes when one of them has been asked to stop."""
        number = request.signal
        if self.fabric.world_size > 1:
            asked = self.fabric.all_reduce(torch.tensor(number, device=self.fabric.device), reduce_op="max")
            number = int(torch.as_tensor(asked))
        if number:
            self.save()
            raise Stopped(self.step, number)


def _part(batch: Batch, part: int, parts: int) -> dict[str, Tensor]:
    """One of equal parts of a batch."""
    return {name: value.tensor_split(parts)[part] for name, value in batch.items()}
