import json
import os
import signal

import numpy as np
import pytest
import torch
from torch import nn
from toy_stage import SETTINGS, ToyStage

from audiospace.errors import UserError
from audiospace.training.activation_checkpointing import recompute
from audiospace.training.checkpoint import FILE_NAME, load_checkpoint
from audiospace.training.config import OptimiserConfig, RunConfig
from audiospace.training.engine import Trainer
from audiospace.training.loggers import JsonLines
from audiospace.training.processes import Machines, launch
from audiospace.training.schedule import rate_factor
from audiospace.training.stage import frozen_call
from audiospace.training.stopping import Stopped

RUN = RunConfig(steps=7, batch_size=4, accumulate=2, validate_every=3, checkpoint_every=100)


def trained(tmp_path, name, run=RUN, *, stage=None, resume=False, on_progress=None):
    stage = stage or ToyStage()
    trainer = Trainer(stage, run, tmp_path / name, launch(Machines(accelerator="cpu"), run.precision))
    if resume:
        assert trainer.resume()
    log = JsonLines(tmp_path / name, trainer.step)
    report = trainer.fit([log], on_progress)
    rows = [json.loads(line) for line in (tmp_path / name / "log.jsonl").read_text().splitlines()]
    return stage, report, rows


def weights(stage):
    networks = (stage.generator, stage.opponent)
    return {f"{k}.{name}": v for k, n in enumerate(networks) for name, v in n.state_dict().items()}


def test_training_lowers_the_loss_of_the_averaged_weights(tmp_path):
    run = RunConfig(steps=60, batch_size=8, validate_every=1000, checkpoint_every=1000)
    settings = OptimiserConfig(learning_rate=0.02, warmup_steps=5, ema_decay=0.8)
    stage = ToyStage(players=1, settings=settings)
    expected, followed = stage.generator.last.weight.detach().clone(), []

    def follow(progress):
        present = stage.generator.last.weight.detach()
        expected.lerp_(present, 1 - min(0.8, (1 + progress.step) / (10 + progress.step)))
        followed.append(float((present - expected).abs().max()))

    _, report, _ = trained(tmp_path, "run", run, stage=stage, on_progress=follow)
    assert report.steps == 60
    assert report.last_validation["total"] < 0.8 * report.first_validation["total"]
    torch.testing.assert_close(stage.generator.last.weight.detach(), expected)
    assert followed[-1] > 1e-3
    with torch.no_grad():
        assert stage.validate(0).figures["total"] == pytest.approx(report.last_validation["total"])


def test_a_batch_taken_in_parts_trains_as_the_whole(tmp_path):
    whole, _, rows = trained(tmp_path, "whole", RunConfig(steps=5, batch_size=4))
    parts, _, rows_in_parts = trained(tmp_path, "parts", RunConfig(steps=5, batch_size=4, accumulate=4))
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=1e-5, atol=1e-6)
    for row, other in zip(rows, rows_in_parts, strict=True):
        for name in row.keys() - {"seconds", "waiting"}:
            assert row[name] == pytest.approx(other[name], rel=1e-4)


def test_a_run_that_is_cut_anywhere_ends_as_the_uncut_one(tmp_path):
    uncut, report, rows = trained(tmp_path, "uncut")

    for cut in (1, 2, 5):
        torch.manual_seed(cut)
        np.random.seed(cut)  # noqa: NPY002 - nothing may depend on it
        name = f"cut{cut}"

        def interrupt(progress, cut=cut):
            if progress.step == cut:
                os.kill(os.getpid(), signal.SIGINT)

        with pytest.raises(Stopped) as stopped:
            trained(tmp_path, name, on_progress=interrupt)
        assert (stopped.value.step, stopped.value.status) == (cut, 130)
        assert load_checkpoint(tmp_path / name)["step"] == cut
        torch.rand(cut)
        resumed, again, rows_again = trained(tmp_path, name, resume=True)
        for key, value in weights(uncut).items():
            torch.testing.assert_close(weights(resumed)[key], value, rtol=1e-6, atol=1e-8)
        assert again.last_validation == pytest.approx(report.last_validation)
        assert again.first_validation == pytest.approx(report.first_validation)
        assert [row["step"] for row in rows_again] == [row["step"] for row in rows]
        for row, other in zip(rows, rows_again, strict=True):
            for figure in row.keys() - {"seconds", "waiting"}:
                assert row[figure] == pytest.approx(other[figure], rel=1e-5)


def test_the_last_step_is_validated_once_however_the_run_ends(tmp_path):
    run = RunConfig(steps=6, batch_size=4, validate_every=3, checkpoint_every=100)

    def interrupt(progress):
        if progress.step == run.steps:
            os.kill(os.getpid(), signal.SIGTERM)

    _, _, rows = trained(tmp_path, "uncut", run)
    assert [row["step"] for row in rows if "validation_total" in row] == [0, 3, 6]
    with pytest.raises(Stopped):
        trained(tmp_path, "cut", run, on_progress=interrupt)
    _, _, rows_again = trained(tmp_path, "cut", run, resume=True)
    assert [row["step"] for row in rows_again] == [row["step"] for row in rows]


def test_a_resumed_run_makes_no_batches_of_the_past(tmp_path):
    trained(tmp_path, "run", RunConfig(steps=4, batch_size=4))
    stage, _, _ = trained(tmp_path, "run", RunConfig(steps=6, batch_size=4), resume=True)
    assert min(stage.batches_made) == 4


def test_rows_that_a_cut_run_had_beyond_its_checkpoint_are_removed(tmp_path):
    log = JsonLines(tmp_path)
    for step in (1, 2, 3):
        log.figures(step, "training", {"total": 1.0})
    log.figures(2, "validation", {"total": 2.0})
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 2, "tot')
    JsonLines(tmp_path, 2)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 2]


def test_a_player_waits_for_its_first_step(tmp_path):
    before = weights(ToyStage())
    stage, _, rows = trained(tmp_path, "run", RunConfig(steps=2, batch_size=4))
    same = [torch.equal(before[name], value) for name, value in weights(stage).items() if name[0] == "1"]
    assert all(same)
    assert "opponent_total" not in rows[1]
    _, _, rows = trained(tmp_path, "longer", RunConfig(steps=4, batch_size=4))
    assert [("opponent_total" in row, "judged" in row) for row in rows[1:5]] == [
        (step > 2, step > 2) for step in (1, 2, 3, 4)
    ]


def test_a_players_gradient_does_not_reach_its_opponent():
    stage = ToyStage(judged_from=0)
    from audiospace.training.batches import Place

    losses = stage.generator(stage.batch(0, Place(0, 1, 4)))
    losses["judged"].backward()
    assert all(value.grad is None for value in stage.opponent.parameters())
    assert stage.generator.last.weight.grad.abs().sum() > 0
    x = torch.randn(3, 6)
    torch.testing.assert_close(frozen_call(stage.opponent.network, x), stage.opponent.network(x))


def test_without_an_average_the_weights_themselves_are_validated(tmp_path):
    settings = OptimiserConfig(learning_rate=0.02, ema_decay=0.0)
    stage, report, _ = trained(tmp_path, "run", RUN, stage=ToyStage(players=1, settings=settings))
    with torch.no_grad():
        assert stage.validate(0).figures["total"] == pytest.approx(report.last_validation["total"])
    state = load_checkpoint(tmp_path / "run")["players"]["generator"]
    assert state["average"] is None
    torch.testing.assert_close(state["weights"]["last.weight"], stage.generator.last.weight.detach())


def test_the_average_follows_the_weights():
    from audiospace.training.ema import ExponentialMovingAverage

    network = nn.Linear(2, 2)
    average = ExponentialMovingAverage(network, 0.5)
    start = network.weight.detach().clone()
    with torch.no_grad():
        network.weight.add_(1.0)
    average.update(network)
    decay = min(0.5, 2 / 11)
    torch.testing.assert_close(average.shadow["weight"], start + (1 - decay))
    average.exchange(network)
    torch.testing.assert_close(network.weight.detach(), start + (1 - decay))
    average.exchange(network)
    torch.testing.assert_close(network.weight.detach(), start + 1)


def test_recomputed_blocks_give_the_same_gradients():
    grads = []
    for again in (False, True):
        torch.manual_seed(0)
        blocks = nn.ModuleList(nn.Sequential(nn.Linear(4, 4), nn.Tanh()) for _ in range(3))
        calls = []
        blocks[1][0].register_forward_hook(lambda *_, calls=calls: calls.append(1))
        if again:
            recompute(blocks)
        x = torch.arange(8.0).view(2, 4).requires_grad_()
        y = x
        for block in blocks:
            y = block(y)
        y.square().sum().backward()
        grads.append([value.grad for value in blocks.parameters()] + [x.grad])
        assert len(calls) == (2 if again else 1)
    for one, other in zip(*grads, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(("batch_size", "accumulate"), [(4, 3), (3, 2), (4, 0)])
def test_a_batch_that_cannot_be_shared_out_is_refused(tmp_path, batch_size, accumulate):
    run = RunConfig(steps=1, batch_size=batch_size, accumulate=accumulate)
    with pytest.raises(UserError, match="multiple of"):
        trained(tmp_path, "run", run)


def test_fsdp_is_refused_for_two_networks(tmp_path, monkeypatch):
    monkeypatch.setattr("audiospace.training.engine.is_sharded", lambda _fabric: True)
    with pytest.raises(UserError, match=r"generator and opponent.*--strategy ddp"):
        trained(tmp_path, "run")


def test_checkpoints_that_do_not_fit_are_refused(tmp_path):
    trained(tmp_path, "run", RunConfig(steps=1, batch_size=4))
    other = ToyStage()
    other.generator.last = nn.Linear(6, 7)
    with pytest.raises(UserError, match="another network"):
        trained(tmp_path, "run", RunConfig(steps=2, batch_size=4), stage=other, resume=True)
    (tmp_path / "run" / FILE_NAME).write_bytes(b"nothing")
    with pytest.raises(UserError, match="not a usable checkpoint"):
        trained(tmp_path, "run", RunConfig(steps=2, batch_size=4), resume=True)


def test_what_fails_in_the_making_of_a_batch_is_told(tmp_path):
    class Failing(ToyStage):
        def batch(self, step, place):
            if step == 2:
                raise UserError("no such sound")
            return super().batch(step, place)

    with pytest.raises(UserError, match="no such sound"):
        trained(tmp_path, "run", stage=Failing())


def test_a_loss_that_is_not_a_number_ends_the_run_and_spares_the_checkpoint(tmp_path):
    class Exploding(ToyStage):
        def batch(self, step, place):
            batch = super().batch(step, place)
            return {name: value / (0.0 if step == 3 else 1.0) for name, value in batch.items()}

    run = RunConfig(steps=5, batch_size=4, checkpoint_every=1)
    with pytest.raises(UserError, match="loss of step 4 is not a number"):
        trained(tmp_path, "run", run, stage=Exploding())
    state = load_checkpoint(tmp_path / "run")
    assert state["step"] == 3
    assert all(bool(value.isfinite().all()) for value in state["players"]["generator"]["weights"].values())


def test_learning_rates_rise_and_fall_as_their_schedules_say():
    cosine = OptimiserConfig(warmup_steps=10)
    rates = [rate_factor(cosine, step, step / 100) for step in range(101)]
    assert rates[0] < 0.11
    assert abs(rates[100] - 0.1) < 1e-6
    assert max(rates) == rates[9]
    inverse = OptimiserConfig(schedule="inverse", warmup_steps=100, inverse_gamma=1e6, inverse_power=0.5)
    assert rate_factor(inverse, 0, 0.9) == pytest.approx(0.01)
    assert rate_factor(inverse, 3_000_000, 0.1) == pytest.approx(0.5)
    constant = OptimiserConfig(schedule="constant", warmup_steps=4)
    assert [rate_factor(constant, step, 0.5) for step in (0, 3, 900)] == [0.25, 1, 1]
    assert rate_factor(SETTINGS, 1, 0) > rate_factor(SETTINGS, 0, 0)
