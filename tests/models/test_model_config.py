from pathlib import Path

import pytest
import yaml

import audiospace
from audiospace.models import ModelConfig, TransformerConfig, VAEConfig

PRESET = Path(audiospace.__file__).parent / "presets" / "omniaudio.yaml"


def plain() -> dict:
    return published().to_dict()


def published() -> ModelConfig:
    return ModelConfig.from_dict(yaml.safe_load(PRESET.read_text(encoding="utf-8")))


def test_published_lengths_and_rates():
    config = published()
    assert config.vae.hop == 2048
    assert config.window_frames == 215
    assert config.vae.frame_rate == pytest.approx(21.533203125)
    assert config.transformer.head_dim == 64
    assert config.transformer.rotary_width == 32


def test_patches_lengthen_the_hop():
    assert VAEConfig(44100, 4, 8, (1, 2), (3, 5), 16, patch_size=4).hop == 60


def test_plain_values_round_trip():
    config = published()
    assert ModelConfig.from_dict(config.to_dict()) == config
    assert isinstance(config.to_dict()["vae"]["strides"], list)


def test_defaults_may_be_left_out_and_whole_numbers_may_be_rates():
    values = plain()
    del values["steps"]
    values["features"]["frames_per_second"] = 4
    config = ModelConfig.from_dict(values)
    assert config.steps == 24
    assert type(config.features.frames_per_second) is float


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v.update(colour=1), "unknown key in the configuration: colour"),
        (lambda v: v["vae"].update(width=1), "unknown key in vae: width"),
        (lambda v: v["vae"].pop("strides"), "missing key in vae: strides"),
        (lambda v: v.pop("vae"), "missing key in the configuration: vae"),
        (lambda v: v["vae"].update(strides=[2, "4", 4, 8, 8]), "vae.strides must be"),
        (lambda v: v["vae"].update(channels=1.5), "vae.channels must be int, not 1.5"),
        (lambda v: v["transformer"].update(span_context=1), "transformer.span_context must be bool"),
        (lambda v: v["conditioners"][1].update(role="cross"), "role of conditioner 'video_360'"),
        (lambda v: v["conditioners"][1].update(name="video_fov"), "must be distinct"),
        (lambda v: v["conditioners"][0].pop("branch"), r"missing key in conditioners\[0\]: branch"),
        (lambda v: v["transformer"].update(latent_dim=32), "differs from"),
        (lambda v: v.update(steps=0), "ModelConfig.steps must be above zero, not 0"),
        (lambda v: v.update(vae=[1]), "vae must be a mapping"),
        (lambda v: v.update(conditioners="none"), "conditioners must be a list"),
        (lambda v: v["vae"].update(strides=[2, 4, 4, 8]), "equally long"),
        (lambda v: v["vae"].update(strides=[1, 4, 4, 8, 8]), "2 or more"),
    ],
)
def test_a_wrong_configuration_is_named(change, message):
    values = plain()
    change(values)
    with pytest.raises(ValueError, match=message):
        ModelConfig.from_dict(values)


@pytest.mark.parametrize(("width", "heads"), [(64, 4), (48, 2), (100, 3), (70 * 2, 2)])
def test_heads_that_the_rotary_positions_do_not_fit_are_refused(width, heads):
    with pytest.raises(ValueError, match="heads"):
        TransformerConfig(8, width, 1, heads, 8)
