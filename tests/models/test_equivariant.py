"""The equivariant velocity network: what turns with the picture, and what does not."""

import dataclasses

import pytest
import torch
from turning import CONFIG, drawn, shaken, turn, turned_latents, turned_moments

from audiospace.models import (
    Conditions,
    Guided,
    ModelConfig,
    SpanContext,
    SpatialAudioModel,
)


@torch.no_grad()
def test_turning_the_picture_turns_the_velocity_exactly() -> None:
    model, (x, t, moments), yaw = shaken(), drawn(), turn([1.1, 0, 0])
    straight = model.transformer(x, t, model.embed({"sphere": moments}))
    turned = model.transformer(
        turned_latents(x, yaw), t, model.embed({"sphere": turned_moments(moments, yaw)})
    )
    assert torch.allclose(turned_latents(straight, yaw), turned, atol=1e-4)
    assert not torch.allclose(straight, turned, atol=0.1)


@torch.no_grad()
def test_it_knows_up_from_down() -> None:
    model, (x, t, moments), pitch = shaken(), drawn(), turn([0, 1.0, 0])
    straight = model.transformer(x, t, model.embed({"sphere": moments}))
    turned = model.transformer(
        turned_latents(x, pitch), t, model.embed({"sphere": turned_moments(moments, pitch)})
    )
    assert not torch.allclose(turned_latents(straight, pitch), turned, atol=1e-2)


@torch.no_grad()
def test_known_spans_turn_too() -> None:
    model, (x, t, _), yaw = shaken(), drawn(), turn([-0.6, 0, 0])
    keep = torch.zeros(2, 1, 12)
    keep[..., :5] = 1
    straight = model.transformer(x, t, Conditions(), SpanContext(x, keep))
    turned = model.transformer(
        turned_latents(x, yaw), t, Conditions(), SpanContext(turned_latents(x, yaw), keep)
    )
    assert torch.allclose(turned_latents(straight, yaw), turned, atol=1e-4)
    hidden = SpanContext(torch.where(keep > 0, x, torch.full_like(x, torch.nan)), keep)
    assert torch.equal(model.transformer(x, t, Conditions(), hidden), straight)


@torch.no_grad()
def test_it_starts_at_rest_and_dropped_conditions_are_none() -> None:
    torch.manual_seed(0)
    x, t, moments = drawn()
    fresh = SpatialAudioModel(CONFIG)
    assert torch.equal(fresh.transformer(x, t, fresh.embed({"sphere": moments})), torch.zeros_like(x))
    model = shaken()
    seen = model.embed({"sphere": moments})
    dropped = model.transformer(x, t, seen.masked(torch.tensor([False, True])))
    assert torch.allclose(dropped[0], model.transformer(x, t, Conditions())[0], atol=1e-5)
    assert torch.allclose(dropped[1], model.transformer(x, t, seen)[1], atol=1e-5)


@torch.no_grad()
def test_guidance_extrapolates_from_no_vectors() -> None:
    model, (x, t, moments) = shaken(), drawn()
    seen = model.embed({"sphere": moments})
    with_it, without = model.transformer(x, t, seen), model.transformer(x, t, Conditions())
    guided = Guided(model.transformer, seen, 3.0)(x, t)
    assert torch.allclose(guided, without + 3 * (with_it - without), atol=1e-4)


def test_scale_of_directions_is_one_and_has_no_mean() -> None:
    model = shaken()
    model.fit_scale(torch.randn(4, 19, 30, generator=torch.Generator().manual_seed(2)) + 0.5)
    assert model.latent_scale[10:].unique().numel() == 1
    assert not model.latent_mean[10:].any()
    assert model.latent_mean[:10].all()


def test_configuration_survives_and_contradictions_are_named() -> None:
    assert ModelConfig.from_dict(CONFIG.to_dict()) == CONFIG
    with pytest.raises(ValueError, match="seen_vectors"):
        dataclasses.replace(CONFIG, transformer=dataclasses.replace(CONFIG.transformer, seen_vectors=4))
    with pytest.raises(ValueError, match="directions"):
        dataclasses.replace(CONFIG, transformer=dataclasses.replace(CONFIG.transformer, vectors=2))
    with pytest.raises(ValueError, match="moments"):
        shaken().embed({"sphere": torch.zeros(1, 3, 4, 6)})


@torch.no_grad()
def test_noise_turns_with_what_is_seen() -> None:
    model, (x, _, moments), yaw = shaken(), drawn(), turn([2.0, 0, 0])
    straight = model.facing(x, model.embed({"sphere": moments}))
    turned = model.facing(x, model.embed({"sphere": turned_moments(moments, yaw)}))
    assert torch.allclose(turned_latents(straight, yaw), turned, atol=1e-4)
    assert not torch.allclose(straight, turned, atol=0.1)
    assert torch.equal(model.facing(x, Conditions()), x)
    assert torch.allclose(straight.square().sum(), x.square().sum(), rtol=1e-5)
