import math

import pytest
import torch
from torch import nn

from audiospace.models import (
    AudioVAE,
    Posterior,
    VAEConfig,
    decoder_context,
    encoder_context,
    fold_weight_norm,
    is_folded,
)
from audiospace.models.vae.patches import fold_samples, unfold_samples
from audiospace.models.vae.snake import Snake, _Snake

SMALL = VAEConfig(44100, 4, 4, (1, 2, 3), (2, 3, 8), 6, patch_size=2)


def randomised(module: nn.Module) -> nn.Module:
    """Values that no initialisation gives, so that nothing hides behind a zero or a one."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return module


def test_lengths_are_exact_and_the_rest_is_dropped():
    vae = AudioVAE(SMALL)
    posterior = vae.encode(torch.randn(2, 4, SMALL.hop * 9 + 95))
    assert SMALL.hop == 96
    assert posterior.mean.shape == (2, 6, 9)
    assert vae.decode(posterior.mean).shape == (2, 4, 9 * 96)


@pytest.mark.parametrize("shape", [(2, 3, 960), (4, 960), (2, 4, 95)])
def test_sound_of_the_wrong_shape_is_refused(shape):
    with pytest.raises(ValueError, match="sound must be"):
        AudioVAE(SMALL).encode(torch.zeros(shape))


def test_latents_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="latents must be"):
        AudioVAE(SMALL).decode(torch.zeros(1, 5, 4))


def test_snake_knows_its_formula_and_its_derivative():
    snake = Snake(1)
    with torch.no_grad():
        snake.alpha.fill_(math.log(2.0))
        snake.beta.fill_(math.log(0.5))
    x = torch.tensor([[[0.3, -1.2]]])
    assert torch.allclose(snake(x), x + torch.sin(2 * x) ** 2 / 0.5)
    inputs = [
        torch.randn(2, 3, 5, dtype=torch.double, requires_grad=True),
        torch.rand(1, 3, 1, dtype=torch.double, requires_grad=True),
        torch.rand(1, 3, 1, dtype=torch.double, requires_grad=True),
    ]
    assert torch.autograd.gradcheck(_Snake.apply, inputs)


def test_patches_keep_the_samples_of_a_channel_together():
    sound = torch.arange(14.0).reshape(1, 2, 7)
    patches = fold_samples(sound, 3)
    assert patches.tolist() == [[[0, 3], [1, 4], [2, 5], [7, 10], [8, 11], [9, 12]]]
    assert torch.equal(unfold_samples(patches, 3), sound[..., :6])


def test_the_posterior_knows_the_normal_distribution():
    raw = math.log(math.exp(1 - 1e-4) - 1)  # softplus gives 1 - 1e-4
    posterior = Posterior.from_encoder(torch.tensor([[[0.0], [2.0], [raw], [raw]]]))
    assert posterior.stdev.flatten().tolist() == pytest.approx([1, 1])
    assert posterior.kl().item() == pytest.approx(4)  # a mean of 2 alone, without the factor 1/2


def test_samples_have_the_posterior_moments_and_follow_the_seed():
    posterior = Posterior(torch.full((1, 2, 20000), 3.0), torch.full((1, 2, 20000), 0.5))
    drawn = posterior.sample(torch.Generator().manual_seed(1))
    assert drawn.mean().item() == pytest.approx(3, abs=0.02)
    assert drawn.std().item() == pytest.approx(0.5, abs=0.02)
    assert torch.equal(drawn, posterior.sample(torch.Generator().manual_seed(1)))


def test_folding_changes_nothing_but_the_parameters():
    vae = randomised(AudioVAE(SMALL))
    sound = torch.randn(1, 4, 96 * 4)
    before = vae.decode(vae.encode(sound).mean)
    assert not is_folded(vae)
    fold_weight_norm(vae)
    fold_weight_norm(vae)
    assert is_folded(vae)
    assert torch.allclose(vae.decode(vae.encode(sound).mean), before, atol=1e-6)
    assert not any("original" in key for key in vae.state_dict())


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        VAEConfig(44100, 1, 4, (1, 1), (4, 4), 2),
        VAEConfig(8000, 2, 4, (1,), (5,), 2),
    ],
)
def test_the_contexts_are_the_reach_seen_by_gradients(config):
    vae = randomised(AudioVAE(config)).double()
    hop, centre = config.hop, 40
    latents = torch.randn(1, config.latent_dim, 81, dtype=torch.double, requires_grad=True)
    vae.decode(latents)[..., centre * hop : (centre + 1) * hop].abs().sum().backward()
    seen = latents.grad.abs().sum(dim=(0, 1)).nonzero().flatten() - centre
    assert max(-seen.min().item(), seen.max().item()) == decoder_context(config)

    sound = torch.randn(1, config.audio_channels, 81 * hop, dtype=torch.double, requires_grad=True)
    vae.encode(sound).mean[..., centre].abs().sum().backward()
    seen = sound.grad.abs().sum(dim=(0, 1)).nonzero().flatten() - centre * hop
    reach = max(-seen.min().item(), seen.max().item() - hop + 1)
    assert math.ceil(reach / hop) == encoder_context(config)
