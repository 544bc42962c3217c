from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from audiospace.errors import UserError
from audiospace.model_store import load_config, load_model, save_model
from audiospace.models import AudioVAE, SpatialAudioModel
from audiospace.models.published import published_keys
from audiospace.training.batches import Place
from audiospace.training.config import DataConfig, RunConfig, StageConfig
from audiospace.training.losses import DiscriminatorConfig, VAELossConfig
from audiospace.training.vae import VAEStage, initial_model

LOSSES = VAELossConfig(
    resolutions=(512, 128),
    overlap=2,
    level=1.0,
    adversarial_from=2,
    discriminator=DiscriminatorConfig(filters=2, windows=(256,)),
)
SETTINGS = StageConfig(
    stage="vae",
    model="tiny",
    run=RunConfig(steps=4, batch_size=4),
    data=DataConfig(seconds=0.25, validation_items=2, pool_draws=1),
    losses=LOSSES,
)


@pytest.fixture(scope="module")
def stage() -> VAEStage:
    torch.manual_seed(0)
    return VAEStage.build(initial_model(SETTINGS), SETTINGS)


def build(settings: StageConfig) -> VAEStage:
    torch.manual_seed(0)
    return VAEStage.build(initial_model(settings), settings)


def test_shares_put_together_are_the_whole_batch(stage):
    whole = stage.batch(3, Place(0, 1, 4))
    halves = [stage.batch(3, Place(rank, 2, 4)) for rank in range(2)]
    for name, value in whole.items():
        torch.testing.assert_close(torch.cat([half[name] for half in halves]), value, rtol=0, atol=0)
    assert not torch.equal(whole["field"][0], whole["field"][1])
    assert not torch.equal(stage.batch(4, Place(0, 1, 4))["field"], whole["field"])


def test_the_mean_of_the_shares_losses_is_the_loss_of_the_whole(stage):
    generator, discriminator = stage.players
    with torch.no_grad():
        found = []
        for place in (Place(0, 1, 4), Place(0, 2, 4), Place(1, 2, 4)):
            batch = stage.batch(2, place)
            made = generator.objective(batch)
            judged = discriminator.objective(batch | {"estimate": made["estimate"]})
            found.append(
                {name: float(made[name]) for name in made if name != "estimate"}
                | {"discriminator": float(judged["total"])}
            )
    whole, first, second = found
    assert {"total", "channels", "cardioids", "level", "intensity", "kl", "adversarial"} <= set(whole)
    for name, value in whole.items():
        assert value == pytest.approx((first[name] + second[name]) / 2, rel=1e-4), name


def test_the_total_is_the_weighted_sum(stage):
    with torch.no_grad():
        found = stage.players[0].objective(stage.batch(2, Place(0, 4, 4)))
    expected = sum(
        getattr(LOSSES, name) * value for name, value in found.items() if value.ndim == 0 and name != "total"
    )
    assert found["total"] == pytest.approx(float(expected), rel=1e-5)


def test_the_discriminator_has_no_say_before_its_step(stage):
    place = Place(0, 4, 4)
    assert stage.players[1].first_step == 2
    for step, says in ((1, False), (2, True)):
        with torch.no_grad():
            found = stage.players[0].objective(stage.batch(step, place))
        assert ("adversarial" in found) == ("feature_matching" in found) == says


def test_each_player_trains_its_own_network_only(stage):
    names = [{id(weight) for weight in player.objective.parameters()} for player in stage.players]
    assert names[0] == {id(weight) for weight in stage.model.vae.parameters()}
    assert not names[0] & names[1]


def test_a_few_steps_lower_the_loss_and_validation_shows_it():
    stage = build(SETTINGS)
    before = stage.validate(show=1)
    optimisers = [torch.optim.AdamW(player.objective.parameters(), lr=3e-3) for player in stage.players]
    for step in range(12):
        batch = dict(stage.batch(step, Place(0, 1, 4)))
        for player, optimiser in zip(stage.players, optimisers, strict=True):
            if step < player.first_step:
                continue
            found = player.objective(batch)
            optimiser.zero_grad()
            found["total"].backward()
            optimiser.step()
            batch |= {"estimate": found["estimate"]} if "estimate" in found else {}
    after = stage.validate(show=0)
    assert after.figures["total"] < 0.9 * before.figures["total"]
    assert {"si_sdr", "stft", "angle", "angle_mean", "octaves", "octave_1000"} <= set(after.figures)
    assert [sound.name for sound in before.sounds] == ["original 0", "reconstruction 0"]
    assert before.sounds[1].field.shape == (4, stage.source.samples)
    assert not after.sounds


def test_validation_is_the_same_whenever_it_is_asked_for(stage):
    assert stage.validate(show=0).figures == stage.validate(show=0).figures


def test_a_frozen_encoder_gets_no_gradient_and_keeps_its_latents(tmp_path):
    losses = replace(LOSSES, adversarial=0.0, feature_matching=0.0)
    stage = build(replace(SETTINGS, freeze_encoder=True, losses=losses))
    assert [player.name for player in stage.players] == ["generator"]
    found = stage.players[0].objective(stage.batch(2, Place(0, 1, 4)))
    found["total"].backward()
    assert all(weight.grad is None for weight in stage.model.vae.encoder.parameters())
    assert all(weight.grad is not None for weight in stage.model.vae.decoder.parameters())
    stage.write(tmp_path / "model.safetensors")
    assert (load_model(tmp_path / "model.safetensors").model.latent_scale == 1).all()


def test_the_written_model_knows_the_scale_of_its_latents(stage, tmp_path):
    stage.write(tmp_path / "model.safetensors")
    model = load_model(tmp_path / "model.safetensors").model
    assert (model.latent_scale != 1).all()
    latents = torch.cat(
        [model.normalise(model.vae.encode(field[None]).mean) for field in stage.held_out], dim=2
    )
    assert 0.2 < latents.std() < 5


def test_segments_shorter_than_a_window_are_refused():
    settings = replace(SETTINGS, data=replace(SETTINGS.data, seconds=0.05))
    with pytest.raises(UserError, match="shorter than the losses' windows need"):
        build(settings)


def test_a_run_starts_from_a_model_of_this_project_or_a_stereo_autoencoder(tmp_path):
    own = tmp_path / "own.safetensors"
    model = SpatialAudioModel(load_config("tiny"))
    save_model(model, own)
    found = initial_model(replace(SETTINGS, init=str(own))).vae.state_dict()
    for name, value in model.vae.state_dict().items():
        torch.testing.assert_close(found[name], value)

    config = tmp_path / "plain.yaml"
    plain = replace(load_config("tiny"), vae=replace(load_config("tiny").vae, stems=0, patch_size=1))
    config.write_text(str(plain.to_dict()))
    stereo = AudioVAE(replace(plain.vae, audio_channels=2)).state_dict()
    names = published_keys(plain).items()
    save_file(
        {theirs: stereo[ours[4:]].contiguous() for theirs, ours in names if ours.startswith("vae.")},
        tmp_path / "stereo.safetensors",
    )
    settings = replace(SETTINGS, model=str(config), init=str(tmp_path / "stereo.safetensors"))
    expanded = initial_model(settings).vae
    torch.testing.assert_close(expanded.encoder.input.bias, stereo["encoder.input.bias"])
    assert expanded.config.audio_channels == 4
