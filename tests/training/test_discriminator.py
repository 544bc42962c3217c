import pytest
import torch

from audiospace.training.adversarial import Discrimination, adversarial_losses
from audiospace.training.discriminator import Discriminator, level_of
from audiospace.training.losses import DiscriminatorConfig

SMALL = DiscriminatorConfig(filters=4, windows=(256, 64))


def noise(seed: int, items: int = 2, samples: int = 2048) -> torch.Tensor:
    return 0.1 * torch.randn(items, 4, samples, generator=torch.Generator().manual_seed(seed))


def discriminator(seed: int = 0) -> Discriminator:
    torch.manual_seed(seed)
    return Discriminator(4, SMALL)


def test_there_is_one_verdict_for_every_window_and_five_features_in_each():
    sound = noise(1)
    verdicts = discriminator()(sound, level_of(sound))
    assert len(verdicts) == 2
    for verdict, window in zip(verdicts, SMALL.windows, strict=True):
        assert verdict.scores.shape[:2] == (2, 1)
        widths = [features.shape[-1] for features in verdict.features]
        assert widths[0] == window // 2 + 1
        assert widths == sorted(widths, reverse=True)
        assert len(widths) == 5
        assert all(features.shape[1] == SMALL.filters for features in verdict.features)


def test_a_score_does_not_depend_on_the_level_of_the_scene_but_on_that_of_the_reconstruction():
    network, sound = discriminator(), noise(1)
    usual = network(sound, level_of(sound))[0].scores
    torch.testing.assert_close(network(0.1 * sound, level_of(0.1 * sound))[0].scores, usual)
    assert not torch.allclose(network(0.1 * sound, level_of(sound))[0].scores, usual)


def test_phase_between_channels_changes_the_verdict():
    network, sound = discriminator(), noise(1)
    mirrored = sound * torch.tensor([1.0, -1.0, 1.0, 1.0])[:, None]
    scores = [network(field, level_of(sound))[0].scores for field in (sound, mirrored)]
    assert not torch.allclose(*scores, atol=1e-4)


def test_it_learns_to_tell_two_kinds_of_sound():
    player = Discrimination(discriminator())
    optimiser = torch.optim.Adam(player.parameters(), lr=1e-2)
    for step in range(40):
        target = noise(step)
        loss = player({"field": target, "estimate": target.roll(1, dims=-1) + target})["total"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 1.0


def test_the_generator_is_pulled_but_the_discriminator_is_not():
    network, target = discriminator(), noise(1)
    estimate = noise(2).requires_grad_()
    losses = adversarial_losses(network, estimate, target)
    (losses["adversarial"] + losses["feature_matching"]).backward()
    assert estimate.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in network.parameters())


def test_the_discriminator_is_pulled_but_the_generator_is_not():
    player, estimate = Discrimination(discriminator()), noise(2).requires_grad_()
    player({"field": noise(1), "estimate": estimate})["total"].backward()
    assert estimate.grad is None
    assert all(weight.grad is not None for weight in player.parameters())


def test_features_of_a_perfect_reconstruction_are_at_distance_zero():
    target = noise(1)
    losses = adversarial_losses(discriminator(), target, target)
    assert losses["feature_matching"] == 0
    assert adversarial_losses(discriminator(), noise(3), target)["feature_matching"] > 0


def test_losses_are_means_over_items():
    player, target, estimate = Discrimination(discriminator()), noise(1), noise(2)
    with torch.no_grad():
        for network in player.discriminator.networks:
            network.output.parametrizations.weight.original0.mul_(3000)
        whole = player({"field": target, "estimate": estimate})["total"]
        each = [
            player({"field": target[i : i + 1], "estimate": estimate[i : i + 1]})["total"] for i in (0, 1)
        ]
    assert abs(each[0] - each[1]) > 1e-3
    assert whole == pytest.approx(float(sum(each)) / 2, rel=1e-5)
