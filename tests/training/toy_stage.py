"""Two small networks that play against each other, for tests of the engine."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from audiospace.training.batches import Place
from audiospace.training.config import OptimiserConfig
from audiospace.training.stage import (
    Batch,
    Player,
    ShownSound,
    Validation,
    frozen_call,
    item_randomness,
)

SEED = 3
SETTINGS = OptimiserConfig(
    learning_rate=0.02, schedule="inverse", inverse_gamma=3.0, warmup_steps=3, ema_decay=0.9
)


class Generator(nn.Module):
    def __init__(self, opponent: nn.Module) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(6, 6), nn.Tanh()) for _ in range(2))
        self.last = nn.Linear(6, 6)
        self.never_used = nn.Linear(2, 2)
        self._opponent = (opponent,)

    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        made = batch["seen"]
        for block in self.blocks:
            made = block(made)
        made = self.last(made)
        distance = (made - batch["wanted"]).square().mean()
        losses = {"distance": distance, "total": distance}
        if "judged" in batch:
            losses["judged"] = -frozen_call(self._opponent[0], made).mean()
            losses["total"] = distance + 0.1 * losses["judged"]
        return losses | {"made": made.detach()}


class Opponent(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        real, made = self.network(batch["wanted"]), self.network(batch["made"])
        return {"total": (1 - real).relu().mean() + (1 + made).relu().mean()}


class ToyStage:
    def __init__(
        self, *, players: int = 2, settings: OptimiserConfig = SETTINGS, judged_from: int = 2
    ) -> None:
        torch.manual_seed(0)
        judge = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 1))
        self.generator, self.opponent = Generator(judge), Opponent(judge)
        self.settings, self.judged_from, self.count = settings, judged_from, players
        self.batches_made: list[int] = []

    @property
    def players(self) -> tuple[Player, ...]:
        generator = Player("generator", self.generator, self.settings)
        opponent = Player("opponent", self.opponent, self.settings, first_step=self.judged_from)
        return (generator, opponent)[: self.count]

    def batch(self, step: int, place: Place) -> Batch:
        self.batches_made.append(step)
        rows = [torch.randn(2, 6, generator=item_randomness(SEED, step, n)[1]) for n in place.numbers]
        seen, wanted = torch.stack(rows).unbind(1)
        batch = {"seen": seen, "wanted": wanted + seen.roll(1, dims=1)}
        if self.count == 2 and step >= self.judged_from:
            batch["judged"] = torch.ones(len(seen))
        return batch

    def validate(self, show: int) -> Validation:
        batch = self.batch(10_000, Place(0, 1, 4))
        found = self.generator({"seen": batch["seen"], "wanted": batch["wanted"]})
        field = np.repeat(found["made"].numpy()[:, :4].T, 100, axis=1).astype(np.float32)
        sounds = tuple(ShownSound(f"made {n}", field, 400) for n in range(show))
        return Validation({"total": float(found["total"])}, sounds)

    def write(self, path: Path) -> None:
        torch.save(self.generator.state_dict(), path)
