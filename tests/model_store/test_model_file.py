import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from audiospace.errors import UserError
from audiospace.model_store import load_config, load_model, loading, model_file, save_model
from audiospace.models import (
    ConditionerConfig,
    FeatureConfig,
    ModelConfig,
    SpatialAudioModel,
    TransformerConfig,
    VAEConfig,
    fold_weight_norm,
    is_folded,
)

CONFIG = ModelConfig(
    name="toy",
    vae=VAEConfig(8000, 4, 4, (1, 2), (2, 4), 6),
    transformer=TransformerConfig(6, 32, 1, 1, 8, span_context=True),
    conditioners=(ConditionerConfig("front", "fov", "additive", 3, standardise=True),),
    features=FeatureConfig("none", 8.0),
)


@pytest.fixture
def model() -> SpatialAudioModel:
    torch.manual_seed(0)
    model = SpatialAudioModel(CONFIG)
    model.latent_mean.fill_(0.5)
    return model


@pytest.fixture
def saved(model, tmp_path):
    path = tmp_path / "toy.safetensors"
    save_model(model, path, notes={"licence": "Apache-2.0"})
    return path


@pytest.mark.parametrize("config", [CONFIG, load_config("mini")], ids=["toy", "mini"])
def test_loading_does_not_import_torchs_compiler(config, tmp_path):
    # That takes seconds, and an interruption on the way may get lost.
    path = tmp_path / "toy.safetensors"
    save_model(SpatialAudioModel(config), path)
    code = (
        "import sys; from audiospace.model_store import load_model; load_model(sys.argv[1]);"
        "print([name for name in ('torch._dynamo', 'sympy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


def test_what_is_saved_is_loaded(model, saved):
    loaded = load_model(saved)
    assert loaded.name == "toy"
    assert loaded.sha256 == hashlib.sha256(saved.read_bytes()).hexdigest()
    assert loaded.notes == {"licence": "Apache-2.0"}
    assert loaded.model.config == CONFIG
    assert not loaded.model.training
    assert is_folded(loaded.model)
    latents = torch.randn(1, 6, 5)
    with torch.inference_mode():
        assert torch.allclose(loaded.model.decode(latents), model.decode(latents), atol=1e-6)
    assert [path.name for path in saved.parent.iterdir()] == ["toy.safetensors"]


def test_weight_norm_can_be_kept_to_train_on(model, saved):
    kept = load_model(saved, fold=False).model
    assert not is_folded(kept)
    assert all(torch.equal(value, kept.state_dict()[key]) for key, value in model.state_dict().items())
    kept.decode(torch.randn(1, 6, 5)).square().mean().backward()
    assert kept.vae.decoder.input.parametrizations.weight.original0.grad is not None


def test_a_folded_model_comes_back_folded(model, tmp_path):
    fold_weight_norm(model)
    path = tmp_path / "folded.safetensors"
    save_model(model, path)
    loaded = load_model(path, fold=False).model
    assert is_folded(loaded)
    latents = torch.randn(1, 6, 5)
    assert torch.equal(loaded.decode(latents), model.decode(latents))


def test_an_autoencoder_with_stems_needs_nothing_but_its_weights(tmp_path):
    config = replace(CONFIG, vae=replace(CONFIG.vae, stems=2, bands=4))
    model, path = SpatialAudioModel(config), tmp_path / "stems.safetensors"
    save_model(model, path)
    latents = torch.randn(1, 6, 5)
    assert torch.allclose(load_model(path).model.decode(latents), model.decode(latents), atol=1e-6)


def test_half_precision_is_for_storing_only(model, saved, tmp_path):
    path = tmp_path / "half.safetensors"
    save_model(model, path, dtype=torch.float16)
    assert path.stat().st_size < 0.7 * saved.stat().st_size
    assert {value.dtype for value in load_model(path).model.state_dict().values()} == {torch.float32}


def test_saving_twice_gives_the_same_bytes(model, saved, tmp_path):
    save_model(model, tmp_path / "again.safetensors", notes={"licence": "Apache-2.0"})
    assert (tmp_path / "again.safetensors").read_bytes() == saved.read_bytes()


def test_a_name_finds_what_ships(saved, monkeypatch):
    monkeypatch.setattr(loading, "presets_folder", lambda: saved.parent)
    assert loading.shipped_models() == ("toy",)
    assert load_model("toy").name == "toy"


def test_a_missing_model_and_a_folder_are_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere: there is no such model. Give a model file, or one"):
        load_model("nowhere")
    with pytest.raises(UserError, match="is a folder"):
        load_model(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_what_is_not_a_model_is_refused(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(
        UserError, match=r"bad\.safetensors: (not a readable model file|a safetensors file, but not)"
    ):
        load_model(path)


def test_a_truncated_file_is_refused(saved):
    saved.write_bytes(saved.read_bytes()[:-100])
    with pytest.raises(UserError, match="not a readable model file"):
        load_model(saved)


def test_someone_elses_safetensors_are_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, path)
    with pytest.raises(UserError, match="not one of this project's models"):
        load_model(path)


def rewrite(path, change_state=None, change_config=None):
    """The same file with something changed."""
    state, config = load_file(path), CONFIG.to_dict()
    if change_state:
        change_state(state)
    if change_config:
        change_config(config)
    header = {"format": model_file.FORMAT, "config": config, "folded": False, "notes": {}}
    save_file(state, path, {"audiospace": json.dumps(header)})


@pytest.mark.parametrize(
    ("change_state", "message"),
    [
        (lambda s: s.pop("latent_mean"), "1 weights are missing, first latent_mean"),
        (lambda s: s.update(extra=torch.zeros(1)), "1 weights are unknown, first extra"),
        (lambda s: s.update(latent_mean=torch.zeros(7, 1)), r"latent_mean has shape \(7, 1\) where \(6, 1\)"),
        (lambda s: s["latent_mean"].fill_(float("nan")), "latent_mean is not finite"),
    ],
)
def test_weights_that_do_not_fit_are_named(saved, change_state, message):
    rewrite(saved, change_state=change_state)
    with pytest.raises(UserError, match=message):
        load_model(saved)


def test_a_configuration_that_cannot_be_used_is_named(saved):
    rewrite(saved, change_config=lambda c: c.update(colour="red"))
    with pytest.raises(UserError, match="unknown key in the configuration: colour"):
        load_model(saved)


def test_an_unwritable_place_leaves_nothing_behind(model, tmp_path):
    with pytest.raises(UserError, match="the folder to write into does not exist"):
        save_model(model, tmp_path / "missing" / "toy.safetensors")
    (tmp_path / "toy.safetensors").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        save_model(model, tmp_path / "toy.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["toy.safetensors"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640)])
def test_the_file_can_be_read_by_whom_the_umask_allows(model, tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        save_model(model, tmp_path / "toy.safetensors")
    finally:
        os.umask(before)
    assert (tmp_path / "toy.safetensors").stat().st_mode & 0o777 == mode


def test_a_failure_while_writing_leaves_the_earlier_file(model, saved, monkeypatch):
    def fail(_state, temporary, _metadata):
        temporary.write_bytes(b"half")
        raise SafetensorError("no room")

    before = saved.read_bytes()
    monkeypatch.setattr(model_file, "save_file", fail)
    with pytest.raises(UserError, match="cannot write the model"):
        save_model(model, saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_configurations_are_read_by_name_or_path(tmp_path):
    assert load_config("omniaudio").transformer.depth == 24
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps(CONFIG.to_dict()))
    assert load_config(path) == CONFIG


@pytest.mark.parametrize("text", ["name: [", "just words", "name: x", "\x00"])
def test_a_bad_configuration_file_is_named(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"bad\.yaml: not a model configuration"):
        load_config(path)


def test_a_missing_configuration_file_is_named():
    with pytest.raises(UserError, match="nowhere: cannot read the configuration"):
        load_config("nowhere")
