import copy

import pytest
import torch

from audiospace.models import VAEConfig, fold_weight_norm
from audiospace.models.vae import tiled_decoder
from audiospace.models.vae.decoder import Decoder
from audiospace.models.vae.tiled_decoder import TiledDecoder

CONFIGS = {
    "published family": VAEConfig(44100, 4, 4, (1, 2, 4), (2, 4, 8), 6),
    "odd strides": VAEConfig(44100, 4, 4, (1, 2), (3, 5), 6),
    "one stage": VAEConfig(44100, 4, 4, (2,), (4,), 6),
    "steered stems": VAEConfig(44100, 4, 8, (1, 2), (4, 4), 6, patch_size=8, stems=4),
    "one steered stage": VAEConfig(44100, 4, 8, (2,), (4,), 6, patch_size=8, stems=4),
}


def decoder(config: VAEConfig) -> Decoder:
    torch.manual_seed(0)
    made = Decoder(config).eval()
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if name.endswith(("alpha", "beta", "bias")):
                parameter.add_(0.3 * torch.randn(parameter.shape))
    fold_weight_norm(made)
    return made


@torch.inference_mode()
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("tile", [1, 1 << 11, 1 << 20])
def test_tiles_give_the_same_sound(monkeypatch, config, tile):
    """The smallest tiles are a few reaches long: most samples then lie near an edge of one."""
    monkeypatch.setattr(tiled_decoder, "TILE", tile)
    whole = decoder(config)
    latents = torch.randn(2, 6, 150, generator=torch.Generator().manual_seed(1))
    expected = copy.deepcopy(whole)(latents, 3)
    sound = TiledDecoder(whole)(latents, 3)
    assert sound.shape == expected.shape
    assert (sound - expected).norm() / expected.norm() < 3e-6
    assert (sound - expected).abs().max() < 1e-5 * expected.abs().max()


@torch.inference_mode()
def test_one_frame(monkeypatch):
    monkeypatch.setattr(tiled_decoder, "TILE", 1)
    whole = decoder(CONFIGS["published family"])
    latents = torch.randn(1, 6, 1)
    assert torch.allclose(TiledDecoder(whole)(latents), whole(latents), atol=1e-6)


def test_weight_norm_must_be_folded():
    with pytest.raises(ValueError, match="folded first"):
        TiledDecoder(Decoder(CONFIGS["published family"]))
