"""Directions drawn towards those that are expected of the video."""

import dataclasses

import pytest
import torch
from turning import CONFIG, drawn, shaken, turn, turned_latents, turned_moments

from audiospace.models import Guided, ModelConfig, SpatialAudioModel, midpoint


def model_of(share: float) -> SpatialAudioModel:
    model = shaken()
    model.config = dataclasses.replace(CONFIG, expected_directions=share)
    return model


def one_of_two(noisy: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """The exact velocity where data are 3 or -1 in every channel, one as likely as the other."""
    t = t[:, None, None]
    logits = [
        -((noisy - (1 - t) * data) ** 2).sum(dim=(1, 2), keepdim=True) / (2 * t**2) for data in (3.0, -1.0)
    ]
    chances = torch.cat(logits, dim=1).softmax(dim=1)
    data = 3 * chances[:, :1] - chances[:, 1:]
    return (noisy - data) / t


def test_the_expectation_is_the_mean_of_what_samples_choose_between() -> None:
    noise = torch.randn(64, 19, 2, generator=torch.Generator().manual_seed(3))
    latents = midpoint(one_of_two, noise, 40)
    assert {round(float(value)) for value in latents.flatten()} == {3, -1}
    hedged = model_of(1.0).towards_expected(latents, noise, one_of_two)
    torch.testing.assert_close(hedged[:, 10:], torch.ones(64, 9, 2))
    half = model_of(0.5).towards_expected(latents, noise, one_of_two)
    torch.testing.assert_close(half[:, 10:], (latents[:, 10:] + 1) / 2)
    for made in (hedged, half):
        assert torch.equal(made[:, :10], latents[:, :10])


def test_as_published_nothing_is_drawn_anywhere() -> None:
    latents = torch.zeros(1, 19, 2)

    def never(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        raise AssertionError((x, t))

    assert model_of(0.0).towards_expected(latents, latents, never) is latents


@torch.no_grad()
def test_what_is_expected_turns_with_the_picture() -> None:
    model, (x, _, moments), yaw = model_of(1.0), drawn(), turn([1.3, 0, 0])
    start, there = torch.zeros_like(x), turned_latents(x, yaw)

    def expected(noise: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        velocity = Guided(model.transformer, model.embed({"sphere": seen}), 1.0)
        return model.towards_expected(start, noise, velocity)

    straight, turned = expected(x, moments), expected(there, turned_moments(moments, yaw))
    torch.testing.assert_close(turned_latents(straight, yaw), turned, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(straight, turned, atol=0.1)


def test_the_share_is_checked_and_kept() -> None:
    config = dataclasses.replace(CONFIG, expected_directions=0.5)
    assert ModelConfig.from_dict(config.to_dict()) == config
    older = CONFIG.to_dict()
    del older["expected_directions"]
    assert ModelConfig.from_dict(older) == CONFIG
    with pytest.raises(ValueError, match="expected_directions"):
        dataclasses.replace(CONFIG, expected_directions=1.5)
    nameless = dataclasses.replace(CONFIG.transformer, vectors=0, seen_vectors=0)
    with pytest.raises(ValueError, match="expected_directions"):
        dataclasses.replace(CONFIG, transformer=nameless, conditioners=(), expected_directions=0.5)
