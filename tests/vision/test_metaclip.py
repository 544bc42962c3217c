import json
import shutil
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from audiospace.errors import MissingExtraError, UserError
from audiospace.vision import MetaCLIP

MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711])


def some_views(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def encoder(tiny_clip):
    return MetaCLIP(tiny_clip)


def test_the_image_half_alone_gives_what_the_whole_model_gives(tiny_clip, encoder):
    from transformers import CLIPModel

    views = some_views(3)
    pixels = ((torch.from_numpy(views) / 255 - MEAN) / DEVIATION).permute(0, 3, 1, 2)
    with torch.inference_mode():
        expected = CLIPModel.from_pretrained(tiny_clip).eval().get_image_features(pixel_values=pixels)
    expected = expected if isinstance(expected, torch.Tensor) else expected.pooler_output
    embeddings = encoder.encode(views)
    assert embeddings.shape == (3, 24)
    assert embeddings.dtype == np.float32
    assert np.abs(embeddings - expected.numpy()).max() < 1e-5
    assert (encoder.id, encoder.dimensions, encoder.size) == ("metaclip-h14", 24, 224)


def test_the_network_in_plain_words(tiny_clip, encoder):
    """Class token and patches, norms before attention and MLP, QuickGELU, the class token projected."""
    weights = load_file(tiny_clip / "model.safetensors")
    linear, norm = torch.nn.functional.linear, torch.nn.functional.layer_norm

    def apply(kind, name, x):
        rest = ((32,),) if kind is norm else ()
        return kind(x, *rest, weights[f"{name}.weight"], weights[f"{name}.bias"])

    views = some_views(1, seed=3)
    pixels = ((torch.from_numpy(views) / 255 - MEAN) / DEVIATION).permute(0, 3, 1, 2)
    base = "vision_model"
    patches = torch.nn.functional.conv2d(
        pixels, weights[f"{base}.embeddings.patch_embedding.weight"], stride=14
    )
    tokens = torch.cat([weights[f"{base}.embeddings.class_embedding"][None], patches[0].flatten(1).T])
    x = apply(norm, f"{base}.pre_layrnorm", tokens + weights[f"{base}.embeddings.position_embedding.weight"])
    for index in range(2):
        layer = f"{base}.encoder.layers.{index}"
        y = apply(norm, f"{layer}.layer_norm1", x)
        q, k, v = (
            apply(linear, f"{layer}.self_attn.{part}_proj", y).reshape(257, 4, 8).transpose(0, 1)
            for part in "qkv"
        )
        mixed = ((q @ k.transpose(1, 2)) / 8**0.5).softmax(-1) @ v
        x = x + apply(linear, f"{layer}.self_attn.out_proj", mixed.transpose(0, 1).reshape(257, 32))
        y = apply(linear, f"{layer}.mlp.fc1", apply(norm, f"{layer}.layer_norm2", x))
        x = x + apply(linear, f"{layer}.mlp.fc2", y * torch.sigmoid(1.702 * y))
    embedding = linear(apply(norm, f"{base}.post_layernorm", x[0]), weights["visual_projection.weight"])
    assert np.abs(encoder.encode(views)[0] - embedding.numpy()).max() < 1e-5


def test_batches_do_not_change_the_result(tiny_clip, encoder):
    views = some_views(10)
    together = encoder.encode(views)
    for batch in (1, 3, 10):
        assert np.abs(MetaCLIP(tiny_clip, batch=batch).encode(views) - together).max() < 1e-5
    assert encoder.encode(views[:0]).shape == (0, 24)


def test_attention_is_fused(encoder):
    assert encoder.network.config._attn_implementation == "sdpa"
    assert isinstance(encoder.network, torch.nn.Module)


def test_half_precision_is_near(tiny_clip, encoder):
    views = some_views(4)
    exact = encoder.encode(views)
    half = MetaCLIP(tiny_clip, precision="float16").encode(views)
    assert half.dtype == np.float32
    assert 0 < np.linalg.norm(half - exact) / np.linalg.norm(exact) < 5e-3


def test_other_shapes_are_refused(encoder):
    with pytest.raises(ValueError, match="224"):
        encoder.encode(np.zeros((1, 192, 224, 3), np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        encoder.encode(np.zeros((1, 224, 224, 3), np.float32))


def test_weights_in_torchs_own_format(tmp_path, tiny_clip, encoder):
    shutil.copy(tiny_clip / "config.json", tmp_path)
    torch.save(load_file(tiny_clip / "model.safetensors"), tmp_path / "pytorch_model.bin")
    assert np.array_equal(MetaCLIP(tmp_path).encode(some_views(1)), encoder.encode(some_views(1)))


class Unwelcome:
    def __reduce__(self):
        return (print, ("code in a file of weights ran",))


def test_code_in_weights_is_not_run(tmp_path, tiny_clip, capsys):
    shutil.copy(tiny_clip / "config.json", tmp_path)
    torch.save({"a": Unwelcome()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="holds no CLIP model"):
        MetaCLIP(tmp_path)
    assert "ran" not in capsys.readouterr().out


def test_folders_that_hold_something_else(tmp_path, tiny_clip):
    with pytest.raises(UserError, match="is not a folder"):
        MetaCLIP(tmp_path / "nothing")
    weights = load_file(tiny_clip / "model.safetensors")
    weights.pop("visual_projection.weight")
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    shutil.copy(tiny_clip / "config.json", tmp_path)
    with pytest.raises(UserError, match="no whole image half"):
        MetaCLIP(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(UserError, match="holds no CLIP model"):
        MetaCLIP(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UserError, match="holds no CLIP model"):
        MetaCLIP(tmp_path)


def test_loading_prints_nothing(tiny_clip, capfd):
    MetaCLIP(tiny_clip)
    out, err = capfd.readouterr()
    assert out == err == ""


def test_without_transformers_the_extra_is_named(tiny_clip, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"audiospace\[metaclip\]"):
        MetaCLIP(tiny_clip)
