import pytest
import torch

from audiospace.errors import UserError
from audiospace.model_store import (
    config_from_stable_audio,
    convert_checkpoint,
    load_model,
    loading,
    save_model,
)
from audiospace.model_store.loading import locate
from audiospace.models import Conditions, Guided, SpatialAudioModel, euler, is_folded
from audiospace.models.published import translate_published
from published_samples import tiny_config, tiny_vectors, tiny_weights, training_checkpoint

CONFIG = config_from_stable_audio(tiny_config(), "tiny")


@pytest.fixture
def checkpoint(tmp_path):
    torch.save(training_checkpoint(), tmp_path / "model.ckpt")
    return tmp_path / "model.ckpt"


@pytest.fixture
def _tiny_is_published(monkeypatch):
    """The published sizes are too large for a test: the tiny ones stand for them."""
    monkeypatch.setattr(loading, "load_config", lambda _preset: CONFIG)


def reference_sound(model: SpatialAudioModel) -> float:
    """Relative error of the sound that the reference makes of the golden noise in four guided steps."""
    golden = tiny_vectors()
    with torch.inference_mode():
        features = {"fov": golden["cond.video_fov_feats"], "panorama": golden["cond.video_360_feats"]}
        both = model.embed(features)
        conditions = Conditions(both.global_[:1], both.additive[:1])
        latents = euler(Guided(model.transformer, conditions, 3), golden["sample.noise"], 4)
        sound = model.decode(latents)[..., ::101]
    expected = golden["sample.audio_every101"]
    return float((sound - expected).norm() / expected.norm())


@pytest.mark.usefixtures("_tiny_is_published")
@pytest.mark.parametrize("fold", [True, False])
def test_a_published_checkpoint_is_a_model(checkpoint, fold):
    loaded = load_model(checkpoint, fold=fold)
    assert reference_sound(loaded.model) < 1e-4
    assert is_folded(loaded.model) is fold
    assert not loaded.model.training
    assert loaded.name == "tiny"
    assert loaded.dropped.startswith("dropped ")
    assert len(loaded.sha256) == 64


def test_a_checkpoint_of_other_sizes_says_what_to_do(checkpoint):
    with pytest.raises(
        UserError, match=r"fit the configuration 'omniaudio': .*audiospace model convert IN OUT"
    ):
        load_model(checkpoint)


@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16"])
def test_a_converted_checkpoint_is_the_same_model(checkpoint, tmp_path, precision):
    config, target = tmp_path / "tiny.yaml", tmp_path / "out.safetensors"
    config.write_text(str(CONFIG.to_dict()))
    converted = convert_checkpoint(checkpoint, target, config=config, precision=precision)
    loaded = load_model(target)
    assert reference_sound(loaded.model) < {"float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}[precision]
    assert (loaded.sha256, loaded.dropped) == (converted.sha256, "")
    assert loaded.notes["dropped"] == converted.dropped
    assert target.stat().st_size == converted.bytes
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"model.ckpt", "tiny.yaml", "out.safetensors"}


def test_a_model_file_can_be_stored_in_another_precision(tmp_path):
    model = SpatialAudioModel(CONFIG)
    model.load_state_dict(translate_published(tiny_weights(), CONFIG).state)
    save_model(model, tmp_path / "a.safetensors", notes={"licence": "MIT"})
    convert_checkpoint(tmp_path / "a.safetensors", tmp_path / "b.safetensors", precision="float16")
    assert load_model(tmp_path / "b.safetensors").notes == {"licence": "MIT"}
    assert (tmp_path / "b.safetensors").stat().st_size < 0.6 * (tmp_path / "a.safetensors").stat().st_size
    with pytest.raises(UserError, match="has its own configuration"):
        convert_checkpoint(tmp_path / "a.safetensors", tmp_path / "b.safetensors", config="omniaudio")


def test_weights_too_large_for_float16_are_refused(tmp_path):
    model = SpatialAudioModel(CONFIG)
    model.latent_mean.fill_(1e6)
    with pytest.raises(UserError, match=r"latent_mean does not fit into float16. Use bfloat16"):
        save_model(model, tmp_path / "a.safetensors", dtype=torch.float16)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("model.ckpt", "out.ckpt", "ends in .safetensors"),
        ("absent.ckpt", "out.safetensors", "there is no such file"),
        (".", "out.safetensors", "is a folder"),
        ("model.ckpt", "absent/out.safetensors", "the folder to write into does not exist"),
    ],
)
def test_conversions_that_cannot_be(checkpoint, source, target, message):
    folder = checkpoint.parent
    (folder / "tiny.yaml").write_text(str(CONFIG.to_dict()))
    before = sorted(folder.iterdir())
    with pytest.raises(UserError, match=message):
        convert_checkpoint(folder / source, folder / target, config=folder / "tiny.yaml")
    assert sorted(folder.iterdir()) == before


def test_a_file_is_not_converted_onto_itself(tmp_path):
    path = tmp_path / "a.safetensors"
    save_model(SpatialAudioModel(CONFIG), path)
    before = path.read_bytes()
    with pytest.raises(UserError, match="is the file to convert itself"):
        convert_checkpoint(path, path)
    assert path.read_bytes() == before
    with pytest.raises(UserError, match="unknown precision 'int3'"):
        convert_checkpoint(path, tmp_path / "b.safetensors", precision="int3")


def test_where_names_lead(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert locate("audiospace-mini").path.is_file()
    omniaudio = locate("omniaudio")
    assert omniaudio.path is None
    assert omniaudio.known.release.repository == "omniaudio/OmniAudio360V2SA"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omniaudio").write_bytes(b"a file of this name comes first")
    assert str(locate("omniaudio").path) == "omniaudio"
