import dataclasses

import numpy as np
import pytest
import torch

from audiospace.ambisonics import encode, foa_matrix, rotate
from audiospace.model_store import load_config
from audiospace.models import (
    ConditionerConfig,
    Conditions,
    ParametricVAE,
    ParametricVAEConfig,
    SpatialAudioModel,
)
from audiospace.training.batches import InMemory, Place
from audiospace.training.coarse import Unconditional
from audiospace.training.config import FlowConfig, RunConfig, StageConfig
from audiospace.training.fine import HIDDEN, KEPT, MaskedSpan, draw_span, with_span
from audiospace.training.finetune import FromVideo
from audiospace.training.flow_matching import LATENTS, NOISE, TIMES, FlowObjective, FlowStage
from audiospace.training.latent_rotation import random_turn, turned, turning
from audiospace.training.latents import LatentSet


def generators(count: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(number) for number in range(count)]


def latent_set(items: int = 6, frames: int = 20) -> LatentSet:
    generator = torch.Generator().manual_seed(5)
    features = {
        "sphere": torch.randn(items, 4, 4, 29, generator=generator),
        "fov": torch.randn(items, 4, 28, generator=generator),
    }
    return LatentSet(torch.randn(items, 8, frames, generator=generator), features)


def flow_stage(task, **run) -> FlowStage:
    torch.manual_seed(0)
    model = SpatialAudioModel(load_config("tiny"))
    torch.nn.init.normal_(model.transformer.project_out.weight, std=0.1)
    settings = StageConfig("fine", "tiny", RunConfig(**({"steps": 2, "batch_size": 4} | run)))
    return FlowStage(model, task, InMemory(latent_set(), 0), latent_set(3), settings)


def test_spans_are_contiguous_and_long_enough():
    settings = FlowConfig(span_minimum=0.7)
    hidden = torch.cat([draw_span(40, settings, generator) for generator in generators(200)])
    lengths = hidden.sum(dim=1)
    assert lengths.min() >= 28
    assert lengths.max() == 40
    edges = hidden.diff(dim=1, prepend=torch.zeros(200, 1)).clamp_min(0).sum(dim=1)
    assert torch.equal(edges, torch.ones(200))


def test_a_masked_span_never_shows_what_it_hides():
    task = MaskedSpan(FlowConfig(context_dropout=0.5))
    rows = [task.draw(40, generator) for generator in generators(64)]
    batch = {name: torch.stack([row[name] for row in rows]) for name in (HIDDEN, KEPT)}
    batch[LATENTS] = torch.randn(64, 8, 40)
    given = task.give(torch.nn.Identity(), batch)
    assert not (given.span.keep * given.weight).any()
    torch.testing.assert_close(given.span.latents, batch[LATENTS] * given.span.keep)
    dropped = given.span.keep.flatten(1).sum(dim=1) == 0
    assert 16 < dropped.sum() < 56


def test_a_share_of_conditions_is_dropped_and_only_the_additive_ones():
    task = FromVideo(FlowConfig(condition_dropout=0.3))
    kept = torch.stack([task.draw(1, generator)["kept"] for generator in generators(400)])
    assert 0.6 < kept.float().mean() < 0.8
    embedder = lambda _features: Conditions(torch.ones(400, 2, 3), torch.ones(400, 2, 5))  # noqa: E731
    given = task.give(embedder, {LATENTS: torch.zeros(400, 8, 2), "kept": kept})
    assert torch.equal(given.conditions.additive[:, 0, 0] > 0, kept)
    assert bool((given.conditions.global_ == 1).all())


def test_flow_times_are_logit_normal():
    stage = flow_stage(Unconditional())
    times = torch.cat([stage.batch(step, Place(0, 1, 500))[TIMES] for step in range(4)])
    logits = torch.logit(times)
    assert abs(float(logits.mean())) < 0.1
    assert abs(float(logits.std()) - 1) < 0.1


@pytest.mark.parametrize("task", [Unconditional(), MaskedSpan(FlowConfig()), FromVideo(FlowConfig())])
def test_shares_make_up_the_batch_and_its_loss(task):
    stage = flow_stage(task)
    whole = stage.batch(7, Place(0, 1, 4))
    shares = [stage.batch(7, Place(rank, 2, 4)) for rank in (0, 1)]
    for name, value in whole.items():
        torch.testing.assert_close(torch.cat([share[name] for share in shares]), value)
    objective = stage.players[0].objective
    losses = [objective(share)["total"] for share in shares]
    torch.testing.assert_close(torch.stack(losses).mean(), objective(whole)["total"])
    assert not torch.equal(stage.batch(8, Place(0, 1, 4))[NOISE], whole[NOISE])


def test_a_network_that_knows_the_answer_has_no_loss():
    class Oracle(torch.nn.Module):
        def forward(self, noisy, times, _conditions, _span):
            return (noisy - self.latents) / times[:, None, None]

    stage = flow_stage(Unconditional())
    objective = FlowObjective(stage.model, Unconditional())
    batch = stage.batch(0, Place(0, 1, 4))
    objective.transformer = Oracle()
    objective.transformer.latents = batch[LATENTS]
    assert float(objective(batch)["total"]) < 1e-9


def test_validation_repeats_and_is_heard():
    stage = flow_stage(FromVideo(FlowConfig()))
    with torch.no_grad():
        first, again = stage.validate(2), stage.validate(0)
    assert first.figures["total"] == again.figures["total"]
    assert [sound.name for sound in first.sounds] == [
        "generated 0",
        "held out 0",
        "generated 1",
        "held out 1",
    ]
    assert all(sound.field.shape == (4, 20 * 512) for sound in first.sounds)
    assert 0 <= first.figures["angle"] <= 180
    assert again.sounds == ()


def test_a_place_for_a_span_changes_no_velocity():
    stage = flow_stage(Unconditional())
    config = stage.model.config
    plain = SpatialAudioModel(
        type(config).from_dict(
            config.to_dict() | {"transformer": config.to_dict()["transformer"] | {"span_context": False}}
        )
    )
    torch.nn.init.normal_(plain.transformer.project_out.weight)
    widened = with_span(plain)
    x, t = torch.randn(2, 8, 10), torch.tensor([0.3, 0.6])
    torch.testing.assert_close(widened.transformer(x, t, Conditions()), plain.transformer(x, t, Conditions()))
    assert widened.config.transformer.span_context
    assert with_span(widened) is widened


def test_what_is_heard_and_seen_turn_together():
    def turn(latents, matrices):
        return torch.einsum("nij,njt->nit", torch.from_numpy(foa_matrix(matrices.numpy())).float(), latents)

    rotations = [random_turn("fine", generator) for generator in generators(3)]
    source = torch.from_numpy(encode(torch.randn(50).numpy(), 0.4, -0.2)).float()
    moments = source.T[:4, :, None].expand(4, 4, 29)
    items = LatentSet(source.expand(3, 4, 50), {"sphere": moments.expand(3, 4, 4, 29)})
    found = turned(items, turn, rotations)
    for number, rotation in enumerate(rotations):
        expected = torch.from_numpy(rotate(source.numpy(), rotation)).float()
        torch.testing.assert_close(found.latents[number], expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(
            found.features["sphere"][number, :, :, 0].T, expected[:, :4], atol=1e-5, rtol=1e-5
        )


def test_rotations_are_proper_and_upright_where_a_video_is_seen():
    for generator in generators(20):
        free, upright = random_turn("fine", generator), random_turn("finetune", generator)
        for matrix in (free, upright):
            torch.testing.assert_close(torch.from_numpy(matrix @ matrix.T), torch.eye(3).double())
            assert torch.linalg.det(torch.from_numpy(matrix)) > 0
        assert upright[2, 2] == 1


def parametric_config():
    """A model whose latents are four numbers and two directions."""
    tiny = load_config("tiny")
    return dataclasses.replace(
        tiny,
        vae=ParametricVAEConfig(sample_rate=44100, content_dim=4, direction_bands=2),
        transformer=dataclasses.replace(
            tiny.transformer, latent_dim=10, vectors=2, vector_width=4, seen_vectors=37
        ),
        conditioners=(ConditionerConfig("sphere", "sphere", "spherical", 116),),
    )


def test_latents_of_a_parametric_autoencoder_turn_as_its_sounds_do():
    config = parametric_config()
    vae = ParametricVAE(config.vae)
    samples = 4 * vae.hop
    sound = encode(np.random.default_rng(0).standard_normal(samples), 0.7, 0.3).astype(np.float32)
    sound += 0.3 * encode(np.random.default_rng(1).standard_normal(samples), -2.0, 0.1).astype(np.float32)
    rotations = [random_turn("fine", generator) for generator in generators(3)]
    fields = np.stack([rotate(sound, rotation) for rotation in rotations]).astype(np.float32)
    with torch.no_grad():
        still = vae.encode(torch.from_numpy(sound)[None]).mean.expand(3, -1, -1)
        expected = vae.encode(torch.from_numpy(fields)).mean
    found = turned(LatentSet(still, {}), turning("fine", config), rotations).latents
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=1e-3)
    assert (found - still).abs().max() > 0.1


def test_only_what_can_be_turned_is_turned():
    plain, named = load_config("tiny"), parametric_config()
    assert turning("fine", plain) is None
    assert turning("coarse", named) is None
    assert turning("finetune", named) is not None
    front = dataclasses.replace(named, conditioners=plain.conditioners)
    assert turning("finetune", front) is None
