import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from audiospace.errors import UserError
from audiospace.hearing import load_embedder
from audiospace.hearing.passt import Passt, windows_of
from audiospace.hearing.passt_frontend import log_mel
from audiospace.hearing.passt_network import PasstNetwork, PasstSizes, network_of

SIZES = PasstSizes(width=128, depth=2, labels=7, bands=12, times=99)


def checkpoint():
    """Random parameters by the names of the public checkpoint."""
    generator = torch.Generator().manual_seed(0)
    state = {
        name: 0.3 * torch.randn(value.shape, generator=generator) + (1.0 if "norm" in name else 0.0)
        for name, value in PasstNetwork(SIZES).state_dict().items()
    }
    state["head_dist.weight"] = torch.zeros(7, 128)
    state["head_dist.bias"] = torch.zeros(7)
    return state


def kaldi_bank():
    def mel(hertz):
        return 1127 * np.log(1 + hertz / 700)

    edges = np.linspace(0, mel(15000), 130)
    bank = np.zeros((128, 513))
    for band in range(128):
        for bin_index in range(512):
            point = mel(bin_index * 32000 / 1024)
            rise = (point - edges[band]) / (edges[band + 1] - edges[band])
            fall = (edges[band + 2] - point) / (edges[band + 2] - edges[band + 1])
            bank[band, bin_index] = max(0, min(rise, fall))
    return bank


def reference_network(state, spectrogram):
    """The description of the paper, with torch's own transformer layers."""
    encoder = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(
            128, 2, 512, dropout=0, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
        ),
        num_layers=2,
        norm=nn.LayerNorm(128, eps=1e-6),
        enable_nested_tensor=False,
    ).eval()
    names = {
        "self_attn.in_proj_weight": "attn.qkv.weight",
        "self_attn.in_proj_bias": "attn.qkv.bias",
        "self_attn.out_proj.weight": "attn.proj.weight",
        "self_attn.out_proj.bias": "attn.proj.bias",
        "linear1.weight": "mlp.fc1.weight",
        "linear1.bias": "mlp.fc1.bias",
        "linear2.weight": "mlp.fc2.weight",
        "linear2.bias": "mlp.fc2.bias",
        "norm1.weight": "norm1.weight",
        "norm1.bias": "norm1.bias",
        "norm2.weight": "norm2.weight",
        "norm2.bias": "norm2.bias",
    }
    copied = {
        f"layers.{layer}.{theirs}": state[f"blocks.{layer}.{ours}"]
        for layer in range(2)
        for theirs, ours in names.items()
    }
    encoder.load_state_dict({**copied, "norm.weight": state["norm.weight"], "norm.bias": state["norm.bias"]})
    tokens = [
        state["cls_token"][0, 0] + state["new_pos_embed"][0, 0],
        state["dist_token"][0, 0] + state["new_pos_embed"][0, 1],
    ]
    kernel = state["patch_embed.proj.weight"].flatten(1)
    for row in range(12):
        for column in range((spectrogram.shape[1] - 16) // 10 + 1):
            patch = spectrogram[10 * row : 10 * row + 16, 10 * column : 10 * column + 16].flatten()
            token = kernel @ patch + state["patch_embed.proj.bias"]
            position = (
                state["freq_new_pos_embed"][0, :, row, 0] + state["time_new_pos_embed"][0, :, 0, column]
            )
            tokens.append(token + position)
    encoded = encoder(torch.stack(tokens)[None])[0]
    embedding = (encoded[0] + encoded[1]) / 2
    normed = nn.functional.layer_norm(embedding, (128,), state["head.0.weight"], state["head.0.bias"])
    return state["head.1.weight"] @ normed + state["head.1.bias"], embedding


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("passt") / "passt-s-f128-p16-s10-ap.476-swa.pt"
    torch.save(checkpoint(), path)
    return path


def test_spectrogram_is_that_of_the_formulas():
    sound = np.random.default_rng(0).normal(size=8000) * np.linspace(1, 1e-4, 8000)
    emphasised = sound[1:] - 0.97 * sound[:-1]
    padded = np.pad(emphasised, 512, mode="reflect")
    hann = np.zeros(1024)
    hann[112:912] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(800) / 799)
    frames = np.stack([padded[320 * t : 320 * t + 1024] * hann for t in range(25)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    expected = (np.log(kaldi_bank() @ power.T + 1e-5) + 4.5) / 5
    ours = log_mel(torch.tensor(sound, dtype=torch.float32))
    assert ours.shape == (128, 25)
    assert np.allclose(ours, expected, atol=1e-4)


def test_ten_seconds_are_a_thousand_frames():
    assert log_mel(torch.zeros(320000)).shape == (128, 1000)


@pytest.mark.parametrize("times", [1000, 130])
def test_network_is_the_described_one(times):
    state = checkpoint()
    spectrogram = torch.randn(128, times, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        ours = network_of(state)(spectrogram[None, None])
        logits, embedding = reference_network(state, spectrogram)
    assert torch.allclose(ours.logits[0], logits, atol=1e-4)
    assert torch.allclose(ours.embeddings[0], embedding, atol=1e-4)


@pytest.mark.parametrize(
    ("seconds", "lengths"),
    [(10, [10]), (12, [10, 10]), (15, [10, 10]), (15.1, [10, 10, 10]), (4, [10]), (1.5, [1.5]), (0.1, [0.2])],
)
def test_windows_are_those_of_the_published_script(seconds, lengths):
    sound = 1 + np.arange(int(seconds * 32000), dtype=np.float32)
    windows = list(windows_of(sound))
    assert [len(window) / 32000 for window in windows] == lengths
    for index, window in enumerate(windows):
        part = sound[160000 * index : 160000 * index + 320000]
        assert np.array_equal(window[: len(part)], part)
        assert not window[len(part) :].any()


def test_hearing_averages_the_logits_of_the_windows(weights):
    embedder = Passt(weights)
    sound = np.random.default_rng(3).normal(size=(4, 13 * 32000))
    heard = embedder.hear(sound)
    mono = sound.mean(0) / np.abs(sound.mean(0)).max() * 10 ** (-1 / 20)
    second = np.pad(mono[160000:], (0, 480000 - len(mono)))
    network = network_of(checkpoint())
    with torch.inference_mode():
        parts = [
            network(log_mel(torch.tensor(part, dtype=torch.float32))[None, None])
            for part in (mono[:320000], second)
        ]
    expected = (parts[0].logits + parts[1].logits)[0] / 2
    assert np.allclose(heard.logits, expected, atol=1e-4)
    assert heard.embeddings.shape == (2, embedder.dimensions)
    assert heard.probabilities.shape == (7,)
    assert len(embedder.labels) == 7


def test_hearing_survives_silence_and_almost_nothing(weights):
    for samples in (1, 600, 32000):
        heard = Passt(weights).hear(np.zeros((4, samples)))
        assert np.isfinite(heard.logits).all()


def test_safetensors_and_a_nested_checkpoint_hold_the_same(weights, tmp_path):
    save_file(checkpoint(), tmp_path / "model.safetensors")
    torch.save({"model": checkpoint()}, tmp_path / "nested.pt")
    sound = np.random.default_rng(4).normal(size=(1, 32000))
    expected = Passt(weights).hear(sound).logits
    for name in ("model.safetensors", "nested.pt"):
        assert np.array_equal(Passt(tmp_path / name).hear(sound).logits, expected)


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("a pickle ran",))


NO_CHECKPOINTS = {
    "list": [1],
    "other": {"weight": torch.zeros(3)},
    "no mapping": {"model": torch.zeros(3)},
    "flat": {
        name: torch.zeros(2, 64) for name in ("head.1.weight", "freq_new_pos_embed", "time_new_pos_embed")
    },
}


@pytest.mark.parametrize("content", ["pickle", "noise", *NO_CHECKPOINTS])
def test_what_is_no_passt_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "checkpoint.pt"
    if content == "pickle":
        path.write_bytes(pickle.dumps(Trap(), protocol=2))
    elif content == "noise":
        path.write_bytes(b"nothing of the kind")
    else:
        torch.save(NO_CHECKPOINTS[content], path)
    with pytest.raises(UserError, match="PaSST"):
        Passt(path)


def test_missing_weights_say_what_goes_where(tmp_path, monkeypatch):
    monkeypatch.delenv("AUDIOSPACE_PASST", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(UserError, match=r"github\.com/kkoutini/PaSST/.*weights/passt.*AUDIOSPACE_PASST"):
        load_embedder("passt")


def test_registry_takes_the_weights_of_the_variable(weights, monkeypatch):
    monkeypatch.setenv("AUDIOSPACE_PASST", str(weights))
    embedder = load_embedder("passt")
    assert embedder.comparable
    assert embedder.sample_rate == 32000
