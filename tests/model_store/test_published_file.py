import argparse
import os
import pickle
import zipfile

import pytest
import torch
from safetensors.torch import save_file

from audiospace.errors import UserError
from audiospace.model_store import config_from_stable_audio
from audiospace.model_store.published_file import (
    check_published,
    is_published,
    published_model,
    read_published,
)
from published_samples import (
    UNUSED_COUNT,
    tiny_config,
    tiny_vectors,
    tiny_weights,
    training_checkpoint,
    unused_weights,
)

CONFIG = config_from_stable_audio(tiny_config(), "tiny")


def read(path):
    return published_model(read_published(path), CONFIG)


def assert_is_the_reference(model):
    golden = tiny_vectors()
    with torch.inference_mode():
        audio = model.eval().vae.decode(golden["vae.dec_latents"])
    assert (audio - golden["vae.dec_audio"]).norm() / golden["vae.dec_audio"].norm() < 5e-6


def write_torch(path, content, **options):
    torch.save(content, path, **options)
    return path


def prefixed(state):
    return {f"diffusion.{key}": value for key, value in state.items()}


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".safetensors"])
def test_a_training_checkpoint(tmp_path, suffix, legacy):
    path = write_torch(
        tmp_path / f"model{suffix}", training_checkpoint(), _use_new_zipfile_serialization=not legacy
    )
    model, dropped = read(path)
    assert_is_the_reference(model)
    assert dropped.weights == UNUSED_COUNT
    assert dropped.averaged == 6


def test_what_is_dropped_is_said(tmp_path):
    _, dropped = read(write_torch(tmp_path / "model.ckpt", training_checkpoint()))
    total = UNUSED_COUNT + sum(value.numel() for value in tiny_weights().values())
    share = 100 * UNUSED_COUNT / total
    assert str(dropped) == (
        f"dropped {UNUSED_COUNT:,} of {total:,} weights ({share:.1f} %) that inference never reads "
        "(cross-attention, outputs of the conditioners); left out the 6 numbers under diffusion_ema. "
        "(a moving average), as the published inference does"
    )


@pytest.mark.parametrize("wrap", [dict, prefixed, lambda state: {"state_dict": state}])
def test_flat_and_nested_state_dicts_with_and_without_the_prefix(tmp_path, wrap):
    model, dropped = read(write_torch(tmp_path / "model.ckpt", wrap(tiny_weights())))
    assert_is_the_reference(model)
    assert str(dropped) == ""


@pytest.mark.parametrize("wrap", [dict, prefixed])
def test_safetensors(tmp_path, wrap):
    path = tmp_path / "model.ckpt"  # by its content, whatever it is called
    save_file(wrap(tiny_weights() | unused_weights()), path)
    assert is_published(path)
    model, dropped = read(path)
    assert_is_the_reference(model)
    assert dropped.kinds == ("cross-attention", "outputs of the conditioners")


def test_safetensors_that_start_like_a_pickle(tmp_path):
    path = tmp_path / "model.safetensors"
    for padding in range(0, 2048, 8):
        save_file(tiny_weights(), path, {"padding": "x" * padding})
        if path.read_bytes().startswith(b"\x80"):
            break
    assert path.read_bytes().startswith(b"\x80")
    assert_is_the_reference(read(path)[0])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match="not a readable checkpoint"):
        read(path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_becomes_float32(tmp_path, dtype):
    state = {key: value.to(dtype) for key, value in tiny_weights().items()}
    model, _ = read(write_torch(tmp_path / "model.ckpt", state))
    assert {value.dtype for value in model.state_dict().values()} == {torch.float32}
    expected = tiny_weights()["model.model.transformer.project_in.weight"].to(dtype).float()
    assert torch.equal(model.transformer.project_in.weight, expected)


class Malicious:
    def __init__(self, victim):
        self.victim = victim

    def __reduce__(self):
        return os.mkdir, (str(self.victim),)


@pytest.mark.parametrize("legacy", [False, True])
def test_code_is_refused_and_not_run(tmp_path, legacy):
    content = training_checkpoint() | {"hyper_parameters": Malicious(tmp_path / "victim")}
    path = write_torch(tmp_path / "bad.ckpt", content, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(
        UserError, match=r"bad\.ckpt: refused, because reading it would run code \(\w+\.mkdir\)"
    ):
        read(path)
    assert not (tmp_path / "victim").exists()


def test_code_in_a_bare_pickle_is_not_run_either(tmp_path):
    path = tmp_path / "bad.ckpt"
    path.write_bytes(pickle.dumps(Malicious(tmp_path / "victim")))
    with pytest.raises(UserError, match=r"bad\.ckpt: (refused|not a readable checkpoint)"):
        read(path)
    assert not (tmp_path / "victim").exists()


def test_settings_of_the_training_program_are_passed_over(tmp_path):
    settings = argparse.Namespace(seed=1, folder=tmp_path, inner=argparse.Namespace(size=(1, 2)))
    content = training_checkpoint() | {"hyper_parameters": settings}
    assert_is_the_reference(read(write_torch(tmp_path / "model.ckpt", content))[0])


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 no zip", b"\x80\x02 no pickle"])
def test_what_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "bad.ckpt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"bad\.ckpt: not a readable checkpoint"):
        read(path)


def test_a_truncated_file_and_a_foreign_zip_are_refused(tmp_path):
    path = write_torch(tmp_path / "half.ckpt", training_checkpoint())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match="not a readable checkpoint"):
        read(path)
    with zipfile.ZipFile(tmp_path / "zip.ckpt", "w") as archive:
        archive.writestr("hello", "there")
    with pytest.raises(UserError, match="not a readable checkpoint"):
        read(tmp_path / "zip.ckpt")


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": 3}])
def test_a_torch_file_without_weights_is_refused(tmp_path, content):
    with pytest.raises(UserError, match="without a state dict"):
        read(write_torch(tmp_path / "model.ckpt", content))


def test_another_model_is_refused(tmp_path):
    with pytest.raises(UserError, match="nor a checkpoint in the published layout"):
        read(write_torch(tmp_path / "model.ckpt", {"weight": torch.zeros(3)}))


LAYER = "model.model.transformer.layers.0"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop(f"{LAYER}.ff.ff.2.bias"), f"missing key {LAYER}.ff.ff.2.bias"),
        (lambda s: s.update({"model.model.surprise": torch.zeros(1)}), "unknown key model.model.surprise"),
        (
            lambda s: s.update({f"{LAYER}.ff.ff.2.bias": torch.zeros(75)}),
            rf"{LAYER}.ff.ff.2.bias has shape \(75,\) where \(76,\) belongs",
        ),
        (lambda s: s.update({f"{LAYER}.ff_norm.beta": torch.ones(76)}), "is not zero"),
        (lambda s: s[f"{LAYER}.ff.ff.2.bias"].fill_(float("inf")), "is not finite"),
    ],
)
def test_weights_that_do_not_fit_are_named_in_one_line(tmp_path, change, message):
    state = tiny_weights()
    change(state)
    path = write_torch(tmp_path / "model.ckpt", state)
    with pytest.raises(UserError, match=message) as raised:
        read(path)
    assert "\n" not in str(raised.value)


def test_a_checkpoint_can_be_checked_without_building_the_model(tmp_path):
    checkpoint = read_published(write_torch(tmp_path / "model.ckpt", training_checkpoint()))
    assert check_published(checkpoint, CONFIG).weights == UNUSED_COUNT


def test_weights_stay_in_the_mapped_file(tmp_path):
    path = write_torch(tmp_path / "model.ckpt", training_checkpoint())
    checkpoint = read_published(path)
    model, _ = published_model(checkpoint, CONFIG)
    theirs = checkpoint.state["model.model.transformer.project_in.weight"]
    assert model.transformer.project_in.weight.data_ptr() == theirs.data_ptr()
