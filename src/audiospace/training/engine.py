"""The training loop that every stage shares: optimise, validate, save, resume."""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from audiospace.training.checkpoint import load_checkpoint, save_checkpoint
from audiospace.training.config import OptimiserConfig, RunConfig
from audiospace.training.ema import ExponentialMovingAverage

LOG_NAME = "log.jsonl"


def step_randomness(seed: int, step: int) -> tuple[np.random.Generator, torch.Generator]:
    """Sources of randomness that depend on seed and step alone.

    Args:
        seed: The run's seed.
        step: Number of the step.

    Returns:
        One for NumPy, one for torch on the CPU.
    """
    rng = np.random.default_rng((seed, step))
    return rng, torch.Generator().manual_seed(int(rng.integers(2**31)))


class Stage(Protocol):
    """What a stage gives the loop. Batches depend on seed and step alone: a cut run resumes exactly."""

    @property
    def network(self) -> nn.Module:
        """The trainable part."""

    def losses(self, step: int, batch_size: int, seed: int) -> dict[str, Tensor]:
        """Loss terms of one step (scalars); 'total' is optimised."""

    def validate(self) -> dict[str, float]:
        """Validation figures by name; lower 'total' is better."""


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
    """Runs one stage in one folder."""

    def __init__(self, stage: Stage, run: RunConfig, optimiser: OptimiserConfig, directory: Path) -> None:
        self.stage = stage
        self.run = run
        self.settings = optimiser
        self.directory = directory
        self.optimiser = torch.optim.AdamW(
            _parameter_groups(stage.network, optimiser.weight_decay),
            lr=optimiser.learning_rate,
            betas=optimiser.betas,
        )
        self.ema = ExponentialMovingAverage(stage.network, optimiser.ema_decay)
        self._device = next(stage.network.parameters()).device.type
        self.step = 0
        self.elapsed = 0.0
        self.validations: list[dict[str, float]] = []

    def resume(self) -> bool:
        """Take up the folder's checkpoint.

        Returns:
            Whether there was one.
        """
        state = load_checkpoint(self.directory)
        if state is None:
            return False
        self.stage.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.ema.load_state_dict(state["ema"])
        self.step = state["step"]
        self.elapsed = state["elapsed"]
        self.validations = state["validations"]
        return True

    def save(self) -> None:
        """Write a checkpoint."""
        state = {
            "network": self.stage.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "ema": self.ema.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
            "validations": self.validations,
        }
        save_checkpoint(self.directory, state)

    def fit(self, on_progress: Callable[[Progress], None] | None = None) -> TrainingReport:
        """Train to the end of the run; an interrupt saves a checkpoint before it goes on its way.

        Args:
            on_progress: Called after every step.

        Returns:
            What was done. The network then holds the averaged weights.
        """
        started = time.monotonic() - self.elapsed
        begun = time.monotonic()
        try:
            if not self.validations:
                self._validate()
            while self._share_done() < 1.0:
                figures = self._advance()
                self.elapsed = time.monotonic() - started
                self._report(figures, on_progress)
        except KeyboardInterrupt:
            self.save()
            raise
        self._validate()
        self.save()
        self.ema.exchange(self.stage.network)
        return TrainingReport(self.step, time.monotonic() - begun, self.validations[0], self.validations[-1])

    def _share_done(self) -> float:
        """Progress through the run, 0..1, by steps or by the clock, whichever is further."""
        by_clock = self.elapsed / (60 * self.run.minutes) if self.run.minutes else 0.0
        return min(1.0, max(self.step / self.run.steps, by_clock))

    def _advance(self) -> dict[str, float]:
        """One optimiser step."""
        rate = self.settings.learning_rate * _schedule(
            self._share_done(), self.step, self.settings.warmup_steps
        )
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast(self._device, torch.bfloat16, enabled=self.run.precision == "bfloat16"):
            losses = self.stage.losses(self.step, self.run.batch_size, self.run.seed)
        self.optimiser.zero_grad(set_to_none=True)
        losses["total"].backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.stage.network.parameters(), self.settings.clip_norm)
        self.optimiser.step()
        self.ema.update(self.stage.network)
        self.step += 1
        return {name: float(value.detach()) for name, value in losses.items()} | {
            "gradient": float(norm),
            "rate": rate,
        }

    def _report(self, figures: dict[str, float], on_progress: Callable[[Progress], None] | None) -> None:
        """Log, and now and then validate and save."""
        self._log({"step": self.step, "seconds": round(self.elapsed, 2)} | figures)
        if self.step % self.run.validate_every == 0:
            self._validate()
        if self.step % self.run.checkpoint_every == 0:
            self.save()
        if on_progress is not None:
            share = max(self._share_done(), 1e-6)
            latest = {f"validation_{name}": value for name, value in self.validations[-1].items()}
            on_progress(Progress(self.step, round(self.step / share), figures | latest))

    def _validate(self) -> None:
        """Validate the averaged weights."""
        with self._averaged(), torch.no_grad():
            figures = self.stage.validate()
        self.validations.append(figures)
        self._log({"step": self.step} | {f"validation_{name}": value for name, value in figures.items()})

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        self.ema.exchange(self.stage.network)
        self.stage.network.eval()
        try:
            yield
        finally:
            self.stage.network.train()
            self.ema.exchange(self.stage.network)

    def _log(self, row: dict[str, float]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / LOG_NAME).open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")


def _parameter_groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Matrices decay; gains, biases and activation parameters do not."""
    trainable = [value for value in network.parameters() if value.requires_grad]
    matrices = [value for value in trainable if value.ndim >= 2]
    vectors = [value for value in trainable if value.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]


def _schedule(share: float, step: int, warmup_steps: int) -> float:
    """Learning-rate factor: linear warm-up, then cosine from 1 to 0.1 (Loshchilov and Hutter 2017)."""
    warmup = min(1.0, (step + 1) / max(1, warmup_steps))
    return warmup * (0.55 + 0.45 * math.cos(math.pi * share))
