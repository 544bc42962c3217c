"""Stretches of items: latents and what is seen of them stay together."""

import torch

from audiospace.training.latents import LatentSet
from audiospace.training.stretches import cut, random_starts


def items(frames: int, steps: int) -> LatentSet:
    """Three items whose latents and features both count the tenths of their time."""
    clock = torch.linspace(0, 10, frames)[None, None].repeat(3, 5, 1)
    seen = torch.linspace(0, 10, steps)[None, :, None, None].repeat(3, 1, 4, 2)
    return LatentSet(clock, {"sphere": seen})


def test_features_cover_the_time_of_the_latents() -> None:
    whole = items(107, 40)
    for start in (0, 31, 83):
        part = cut(whole, torch.tensor([start, start, 50]), 24)
        assert part.latents.shape == (3, 5, 24)
        assert part.features["sphere"].shape == (3, 9, 4, 2)
        assert torch.equal(part.latents[0, 0], whole.latents[0, 0, start : start + 24])
        latent, seen = part.latents[0, 0], part.features["sphere"][0, :, 0, 0]
        assert abs(float(seen[0] - latent[0])) < 0.3
        assert abs(float(seen[-1] - latent[-1])) < 0.3


def test_items_without_features_are_cut_too() -> None:
    part = cut(LatentSet(torch.arange(20.0).view(1, 1, 20), {}), torch.tensor([7]), 3)
    assert part.latents.flatten().tolist() == [7, 8, 9]


def test_starts_reach_both_ends_and_repeat_with_the_seed() -> None:
    generators = [torch.Generator().manual_seed(seed) for seed in range(300)]
    starts = random_starts(10, 8, generators)
    assert set(starts.tolist()) == {0, 1, 2}
    again = random_starts(10, 8, [torch.Generator().manual_seed(seed) for seed in range(300)])
    assert torch.equal(starts, again)
