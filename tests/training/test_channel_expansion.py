from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from audiospace.ambisonics import from_mono, from_stereo
from audiospace.errors import UserError
from audiospace.model_store import load_config
from audiospace.models import AudioVAE, ModelConfig, VAEConfig
from audiospace.models.published import published_keys
from audiospace.training.channel_expansion import channels_of, expand_channels
from audiospace.training.stereo_checkpoint import load_expanded

SIZES = VAEConfig(
    sample_rate=16000,
    audio_channels=4,
    channels=6,
    channel_multipliers=(1, 2),
    strides=(2, 4),
    latent_dim=4,
)
LIFT = {1: lambda sound: from_mono(sound[:, 0]), 2: from_stereo}


def narrow(channels: int, sizes: VAEConfig = SIZES) -> AudioVAE:
    torch.manual_seed(channels)
    vae = AudioVAE(replace(sizes, audio_channels=channels))
    with torch.no_grad():
        for parameter in vae.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return vae.eval()


def lifted(sound: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(LIFT[sound.shape[1]](sound.detach().numpy()))


def model(sizes: VAEConfig = SIZES) -> ModelConfig:
    tiny = load_config("tiny")
    return replace(tiny, vae=sizes, transformer=replace(tiny.transformer, latent_dim=sizes.latent_dim))


def published(vae: AudioVAE, prefix: str) -> dict[str, torch.Tensor]:
    state = vae.state_dict()
    return {
        prefix + theirs.removeprefix("pretransform.model."): state[ours.removeprefix("vae.")].contiguous()
        for theirs, ours in published_keys(model()).items()
        if ours.startswith("vae.")
    }


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("patch_size", [1, 4])
def test_a_lifted_sound_goes_through_as_the_sound_itself_did(channels, patch_size):
    sizes = replace(SIZES, patch_size=patch_size)
    before, after = narrow(channels, sizes), AudioVAE(sizes).eval()
    after.load_state_dict(expand_channels(before.state_dict(), patch_size))
    sound = torch.randn(2, channels, 16 * sizes.hop)
    with torch.no_grad():
        posterior, field = before.encode(sound), after.encode(lifted(sound))
        torch.testing.assert_close(field.mean, posterior.mean, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(field.stdev, posterior.stdev, atol=1e-5, rtol=1e-4)
        expected = lifted(before.decode(posterior.mean))
        torch.testing.assert_close(after.decode(field.mean), expected, atol=1e-5, rtol=1e-4)


def test_the_silent_channels_can_be_learnt():
    vae = AudioVAE(SIZES)
    vae.load_state_dict(expand_channels(narrow(2).state_dict()))
    optimiser = torch.optim.Adam(vae.parameters(), lr=1e-3)
    for _ in range(2):
        field = torch.randn(1, 4, 8 * SIZES.hop)
        loss = (vae.decode(vae.encode(field).mean) - field).square().mean()
        optimiser.zero_grad()
        loss.backward()
        assert all(torch.isfinite(parameter.grad).all() for parameter in vae.parameters())
        optimiser.step()
    assert (vae.decode(torch.randn(1, 4, 8)).abs().mean(dim=-1) > 0).all()


def test_only_one_or_two_channels_are_expanded():
    state = AudioVAE(SIZES).state_dict()
    assert channels_of(state) == 4
    with pytest.raises(ValueError, match="4 channels"):
        expand_channels(state)


@pytest.mark.parametrize(
    "prefix", ["", "autoencoder.", "pretransform.model.", "diffusion.pretransform.model."]
)
@pytest.mark.parametrize("suffix", [".ckpt", ".safetensors"])
def test_checkpoints_of_stable_audio_tools_are_read(tmp_path, prefix, suffix):
    path = tmp_path / f"stereo{suffix}"
    state = published(narrow(2), prefix) | {"discriminator.weight": torch.zeros(2)}
    if suffix == ".ckpt":
        torch.save({"state_dict": state, "global_step": 3}, path)
    else:
        save_file(state, path)
    found = load_expanded(path, model()).state_dict()
    for name, value in expand_channels(narrow(2).state_dict()).items():
        torch.testing.assert_close(found[name], value)


def test_the_average_of_a_training_checkpoint_is_preferred(tmp_path):
    state = published(narrow(1), "autoencoder.") | published(narrow(2), "autoencoder_ema.ema_model.")
    save_file(state, tmp_path / "training.safetensors")
    found = load_expanded(tmp_path / "training.safetensors", model()).state_dict()
    torch.testing.assert_close(found["encoder.output.bias"], narrow(2).state_dict()["encoder.output.bias"])


def test_a_four_channel_checkpoint_is_taken_as_it_is(tmp_path):
    save_file(published(narrow(4), ""), tmp_path / "foa.safetensors")
    found = load_expanded(tmp_path / "foa.safetensors", model()).state_dict()
    for name, value in narrow(4).state_dict().items():
        torch.testing.assert_close(found[name], value)


def test_other_sizes_channels_and_files_are_refused_by_name(tmp_path):
    save_file(published(narrow(2, replace(SIZES, latent_dim=8)), ""), tmp_path / "wide.safetensors")
    with pytest.raises(UserError, match="its sizes differ"):
        load_expanded(tmp_path / "wide.safetensors", model())
    save_file(published(narrow(3), ""), tmp_path / "three.safetensors")
    with pytest.raises(UserError, match="3 channels"):
        load_expanded(tmp_path / "three.safetensors", model())
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(UserError, match="no Oobleck autoencoder"):
        load_expanded(tmp_path / "other.safetensors", model())
    (tmp_path / "text.safetensors").write_text("nothing")
    with pytest.raises(UserError, match="neither"):
        load_expanded(tmp_path / "text.safetensors", model())
    with pytest.raises(UserError, match="of another kind"):
        load_expanded(tmp_path / "wide.safetensors", load_config("tiny"))
