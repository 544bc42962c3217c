import json

import pytest

from audiospace.errors import UserError
from audiospace.model_store import config_from_stable_audio, load_config
from audiospace.model_store.stable_audio_keys import (
    AUTOENCODER,
    BOTTLENECK,
    CODER,
    CONDITIONING,
    DECODER,
    DIFFUSION,
    ENCODER,
    MODEL,
    PRETRANSFORM,
    TOP,
    TRANSFORMER,
)
from published_samples import full_config, tiny_config

AUTOENCODER_PATH = "model.pretransform.config"
SECTIONS = {
    "": TOP,
    "model": MODEL,
    "model.pretransform": PRETRANSFORM,
    AUTOENCODER_PATH: AUTOENCODER,
    f"{AUTOENCODER_PATH}.encoder": CODER,
    f"{AUTOENCODER_PATH}.encoder.config": ENCODER,
    f"{AUTOENCODER_PATH}.decoder": CODER,
    f"{AUTOENCODER_PATH}.decoder.config": DECODER,
    f"{AUTOENCODER_PATH}.bottleneck": BOTTLENECK,
    "model.conditioning": CONDITIONING,
    "model.diffusion": DIFFUSION,
    "model.diffusion.config": TRANSFORMER,
}
FIXED = [(path, key) for path, keys in SECTIONS.items() for key in keys.fixed]


def at(values, path):
    for key in filter(None, path.split(".")):
        values = values[int(key)] if isinstance(values, list) else values[key]
    return values


def changed(path, value):
    """The tiny configuration with one key changed, or removed if the value is None."""
    config = tiny_config()
    section, _, key = path.rpartition(".")
    if value is None:
        del at(config, section)[key]
    else:
        at(config, section)[key] = value
    return config


def test_the_published_configuration_is_the_preset():
    assert config_from_stable_audio(full_config(), "omniaudio") == load_config("omniaudio")


def test_a_small_one_has_its_own_sizes():
    config = config_from_stable_audio(tiny_config())
    assert (config.vae.channels, config.vae.latent_dim, config.vae.hop) == (4, 8, 2048)
    assert config.transformer.width == 76
    assert [conditioner.input_dim for conditioner in config.conditioners] == [32, 32]
    assert config.features.encoder == "external"
    assert config.window_frames == 16


@pytest.mark.parametrize("samples", [32768, 2048 * 7, 441_000, 2048 * 1001])
@pytest.mark.parametrize("rate", [44100, 48000, 16000, 22050])
def test_a_window_holds_all_its_frames(samples, rate):
    values = tiny_config() | {"sample_size": samples, "sample_rate": rate}
    assert config_from_stable_audio(values).window_frames == samples // 2048


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        ("model.diffusion.config.depth", 5, lambda c: c.transformer.depth == 5),
        ("model.diffusion.config.num_heads", 1, lambda c: c.transformer.heads == 1),
        ("sample_rate", 48000, lambda c: c.vae.sample_rate == 48000),
        ("model.conditioning.configs.0.config.dim", 9, lambda c: c.conditioners[0].input_dim == 9),
        ("training", {"anything": [1]}, lambda c: c.transformer.depth == 2),
        ("model.pretransform.iterate_batch", False, lambda c: c.vae.channels == 4),
        ("model.diffusion.config.cond_token_dim", 768, lambda c: c.transformer.width == 76),
        ("model.conditioning.configs.1.config.global_dim", 1536, lambda c: c.transformer.width == 76),
    ],
)
def test_other_values_are_read_or_do_not_matter(path, value, read):
    assert read(config_from_stable_audio(changed(path, value)))


def test_other_strides_and_multipliers():
    values = tiny_config()
    autoencoder = at(values, AUTOENCODER_PATH)
    for part in ("encoder", "decoder"):
        autoencoder[part]["config"] |= {"strides": [2, 8], "c_mults": [2, 3]}
    autoencoder["downsampling_ratio"] = 16
    vae = config_from_stable_audio(values).vae
    assert (vae.strides, vae.channel_multipliers, vae.hop) == ((2, 8), (2, 3), 16)


def test_odd_strides_are_refused():
    values = tiny_config()
    autoencoder = at(values, AUTOENCODER_PATH)
    for part in ("encoder", "decoder"):
        autoencoder[part]["config"] |= {"strides": [2, 3], "c_mults": [2, 3]}
    autoencoder["downsampling_ratio"] = 6
    with pytest.raises(ValueError, match=r"strides is \[2, 3\]; only even strides are supported"):
        config_from_stable_audio(values)


def test_conditioners_of_other_names_read_what_their_role_does_as_published():
    values = tiny_config()
    values["model"]["conditioning"]["configs"][0]["id"] = "front"
    values["model"]["conditioning"]["configs"][1]["id"] = "around"
    values["model"]["diffusion"] |= {"add_cond_ids": ["front"], "global_cond_ids": ["around"]}
    branches = {entry.name: entry.branch for entry in config_from_stable_audio(values).conditioners}
    assert branches == {"front": "fov", "around": "panorama"}


def test_swapped_roles_keep_their_branches():
    values = tiny_config()
    values["model"]["diffusion"] |= {"add_cond_ids": ["video_360"], "global_cond_ids": ["video_fov"]}
    entries = config_from_stable_audio(values).conditioners
    assert {(entry.branch, entry.role) for entry in entries} == {("fov", "global"), ("panorama", "additive")}


@pytest.mark.parametrize(("path", "key"), FIXED)
def test_every_key_with_one_supported_value_refuses_another(path, key):
    name = f"{path}.{key}" if path else key
    with pytest.raises(ValueError, match=rf"^{name} is 'something else'; only .* is supported"):
        config_from_stable_audio(changed(name, "something else"))


@pytest.mark.parametrize(
    "path", [*SECTIONS, "model.conditioning.configs.0", "model.conditioning.configs.0.config"]
)
def test_an_unknown_key_is_named_wherever_it_is(path):
    name = f"{path}.surprise" if path else "surprise"
    shown = name.replace("configs.0", "configs[0]")
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        config_from_stable_audio(changed(name, 1))
    assert str(raised.value).startswith(f"{shown} is not a key known here")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("model.diffusion.config.global_cond_type", "adaLN", "is 'adaLN'; only 'prepend' is supported"),
        ("model.diffusion.config.transformer_type", None, "is missing, which means 'x-transformers'; only"),
        (f"{AUTOENCODER_PATH}.decoder.config.final_tanh", None, "is missing, which means True; only False"),
        (f"{AUTOENCODER_PATH}.decoder.config.use_snake", None, "is missing, which means False; only True"),
        ("model.diffusion.diffusion_objective", None, "is missing, which means 'v'; only 'rectified_flow'"),
        ("audio_channels", None, "is missing, which means 2; only 4"),
        ("audio_channels", 2, "is 2; only 4"),
        ("model_type", "diffusion_uncond", "is 'diffusion_uncond'; only 'diffusion_cond'"),
        ("model.pretransform.scale", 2.0, "is 2.0; only 1.0"),
        ("model.diffusion.config.patch_size", True, "is True; only 1"),
        ("model.diffusion.config.depth", 2.5, "is 2.5; a whole number above zero is needed"),
        ("model.diffusion.config.depth", None, "is missing; a whole number above zero is needed"),
        ("model.diffusion.config.num_heads", 4, "is 4 for a width of 76; only whole heads of 32"),
        ("model.diffusion.config.num_heads", 3, "is 3 for a width of 76; only whole heads of 32"),
        ("model.diffusion.config.io_channels", 16, "is 16; only 8 is supported, as the latents have"),
        ("model.io_channels", 16, "is 16; only 8"),
        (f"{AUTOENCODER_PATH}.io_channels", 2, "is 2; only 4"),
        (f"{AUTOENCODER_PATH}.downsampling_ratio", 1024, "is 1024; only 2048 is supported, the product"),
        (f"{AUTOENCODER_PATH}.encoder.config.latent_dim", 8, "is 8; only 16 is supported, a mean and"),
        (f"{AUTOENCODER_PATH}.decoder.config.latent_dim", 16, "is 16; only 8"),
        (f"{AUTOENCODER_PATH}.encoder.config.channels", 8, "is 8; only 4 is supported, as in the decoder"),
        (f"{AUTOENCODER_PATH}.encoder.config.strides", [2, 4, 4, 8], "strides differs from"),
        (f"{AUTOENCODER_PATH}.encoder.config.c_mults", "x", "is 'x'; a list of whole numbers is needed"),
        (f"{AUTOENCODER_PATH}.bottleneck", [], "must be a mapping"),
        ("sample_size", 2047, "is 2047, which is less than one latent frame of 2048"),
        ("model.conditioning.configs.0.type", "clap_text", "is 'clap_text'; only 'video_linear' or"),
        ("model.conditioning.configs.0.config.output_dim", 64, "is 64; only 76 is supported, the width of"),
        ("model.conditioning.configs.1.config.output_dim", 64, "is 64; only 76 is supported, the global_"),
        ("model.conditioning.configs.0.id", "other", "is 'other', which conditions nothing"),
        ("model.diffusion.add_cond_ids", [], "is 'video_fov', which conditions nothing"),
        ("model.diffusion.add_cond_ids", ["video_fov", "b"], "only one is supported"),
        ("model.diffusion.add_cond_ids", ["video_360"], "each id may be used once"),
        ("model.diffusion.add_cond_ids", [["a"]], "a list of words is needed"),
        ("model.diffusion.global_cond_ids", [], "is empty; at least one is needed"),
        ("model.diffusion.global_cond_ids", ["video_360", "b"], "lacks the conditioner 'b'"),
        ("model.conditioning.configs", {}, "is {}; a list is needed"),
    ],
)
def test_what_is_not_supported_is_said_in_a_sentence(path, value, message):
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        config_from_stable_audio(changed(path, value))
    assert message in str(raised.value)


def test_several_global_conditions_are_summed_unless_they_would_be_concatenated():
    values = tiny_config()
    configs = values["model"]["conditioning"]["configs"]
    configs.append({"id": "third", "type": "video_global", "config": {"dim": 5, "output_dim": 76}})
    values["model"]["diffusion"]["global_cond_ids"].append("third")
    assert len(config_from_stable_audio(values).conditioners) == 3
    values["model"]["diffusion"]["config"]["global_cond_dim"] = 768
    for entry in configs[1:]:
        entry["config"]["output_dim"] = 768
    with pytest.raises(ValueError, match="would be concatenated"):
        config_from_stable_audio(values)


def test_a_json_file_is_a_configuration(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(tiny_config()))
    assert load_config(path) == config_from_stable_audio(tiny_config(), "small")
    path.write_text(json.dumps(tiny_config() | {"surprise": 1}))
    with pytest.raises(UserError, match=r"small\.json: not a model configuration: surprise is not a key"):
        load_config(path)
