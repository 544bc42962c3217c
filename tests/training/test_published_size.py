import dataclasses

import pytest
import torch

from audiospace.model_store import load_config, presets_folder
from audiospace.models import SpatialAudioModel
from audiospace.training.activation_checkpointing import recompute
from audiospace.training.batches import InMemory, Place
from audiospace.training.coarse import Unconditional
from audiospace.training.config import STAGES, read_stage_config
from audiospace.training.engine import Trainer
from audiospace.training.fine import MaskedSpan, with_span
from audiospace.training.finetune import FromVideo
from audiospace.training.flow_matching import FEATURES, LATENTS, NOISE, TIMES, FlowObjective, FlowStage
from audiospace.training.latents import LatentSet
from audiospace.training.processes import Machines, launch, repeated_blocks
from audiospace.training.vae import Reconstruction

FRAMES, STEPS = 215, 80


def preset(stage):
    return read_stage_config(presets_folder() / "train" / f"omniaudio-{stage}.yaml")


def small(**transformer):
    """The published model with fewer layers and a small autoencoder."""
    config = load_config("omniaudio")
    return dataclasses.replace(
        config,
        vae=dataclasses.replace(config.vae, channels=4),
        transformer=dataclasses.replace(config.transformer, **transformer),
    )


@pytest.mark.parametrize("stage", STAGES)
def test_the_presets_describe_their_stages_with_the_published_optimiser(stage):
    settings = preset(stage)
    assert (settings.stage, settings.model) == (stage, "omniaudio")
    assert settings.run.minutes == 0
    assert settings.optimiser.schedule == "inverse"
    assert settings.run.batch_size % 8 == 0
    if stage != "vae":
        assert settings.optimiser.learning_rate == 5e-5
        assert settings.optimiser.betas == (0.9, 0.999)
        assert settings.optimiser.weight_decay == 1e-3


def test_a_step_at_full_size_has_the_published_shapes():
    settings = preset("finetune")
    with torch.device("meta"):
        model = with_span(SpatialAudioModel(load_config("omniaudio")))
        objective = FlowObjective(model, FromVideo(settings.flow))
        batch = {
            LATENTS: torch.empty(2, 64, FRAMES),
            NOISE: torch.empty(2, 64, FRAMES),
            TIMES: torch.empty(2),
            "kept": torch.empty(2, dtype=torch.bool),
            f"{FEATURES}fov": torch.empty(2, STEPS, 1024),
            f"{FEATURES}panorama": torch.empty(2, STEPS, 1024),
        }
        loss = objective(batch)["total"]
        loss.backward()
    trained = sum(value.numel() for value in objective.parameters() if value.grad is not None)
    assert loss.shape == ()
    assert trained == 914_054_272 + 2 * 1_574_400
    assert sum(value.numel() for value in model.parameters()) > 1.0e9


def test_the_autoencoders_step_at_full_size_has_the_published_shapes():
    settings = preset("vae")
    with torch.device("meta"):
        objective = Reconstruction(SpatialAudioModel(load_config("omniaudio")).vae, settings.losses, None)
        posterior = objective.vae.encode(torch.empty(1, 4, 65536))
        estimate = objective.vae.decode(posterior.mean)
    assert posterior.mean.shape == (1, 64, 32)
    assert estimate.shape == (1, 4, 65536)
    assert int(settings.data.seconds * 44100) // 2048 == 32


@pytest.mark.parametrize("stage", ["coarse", "fine", "finetune"])
def test_one_step_with_fewer_layers_changes_every_weight_that_is_used(stage, tmp_path):
    settings = preset(stage)
    run = dataclasses.replace(
        settings.run, steps=1, batch_size=2, precision="float32", show=0, checkpoint_every=100
    )
    settings = dataclasses.replace(settings, run=run)
    torch.manual_seed(0)
    model = SpatialAudioModel(small(depth=1, width=256, heads=4, global_dim=256))
    model = with_span(model) if stage == "fine" else model
    block = model.transformer.blocks[0]
    for layer in (model.transformer.project_out, block.attention.to_out, block.feed_forward.contract):
        torch.nn.init.normal_(layer.weight, std=0.02)  # zero at first, and in the way of other gradients
    features = {"fov": torch.randn(2, STEPS, 1024), "panorama": torch.randn(2, STEPS, 1024)}
    items = LatentSet(torch.randn(2, 64, FRAMES), features if stage == "finetune" else {})
    tasks = {
        "coarse": Unconditional(),
        "fine": MaskedSpan(settings.flow),
        "finetune": FromVideo(settings.flow),
    }
    work = FlowStage(model, tasks[stage], InMemory(items, 0), items, settings)
    before = {name: value.detach().clone() for name, value in model.transformer.named_parameters()}
    trainer = Trainer(work, run, tmp_path, launch(Machines(accelerator="cpu"), run.precision))
    report = trainer.fit()
    assert report.steps == 1
    after = dict(model.transformer.named_parameters())
    unused = {"coarse": "global_embedding", "fine": "global_embedding", "finetune": "nothing"}[stage]
    frozen = [name for name, value in before.items() if torch.equal(after[name], value)]
    assert all(name.startswith(unused) for name in frozen), frozen


def test_checkpointed_blocks_change_no_gradient_of_the_transformer():
    gradients = []
    for again in (False, True):
        torch.manual_seed(0)
        model = SpatialAudioModel(small(depth=2, width=64, heads=1, global_dim=64))
        torch.nn.init.normal_(model.transformer.project_out.weight)
        items = LatentSet(torch.randn(2, 64, 20), {})
        stage = FlowStage(model, Unconditional(), InMemory(items, 0), items, preset("coarse"))
        objective = stage.players[0].objective
        if again:
            assert len(repeated_blocks(objective)) == 2
            recompute(repeated_blocks(objective))
        objective(stage.batch(0, Place(0, 1, 2)))["total"].backward()
        gradients.append([value.grad for value in model.transformer.blocks.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)
