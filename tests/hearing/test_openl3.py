import gzip
import shutil

import h5py
import numpy as np
import pytest
import torch
from scipy.signal import correlate

from audiospace.errors import UserError
from audiospace.hearing import load_embedder
from audiospace.hearing.keras_file import read_keras_layers
from audiospace.hearing.openl3 import OpenL3
from audiospace.hearing.openl3_network import network_of

WIDTHS = (3, 4, 5, 6)


def keras_arrays(seed=0):
    """Random weights in the order and the layout of the published network."""
    generator = np.random.default_rng(seed)

    def normal(channels):
        return {
            "gamma": generator.uniform(0.5, 1.5, channels),
            "beta": generator.normal(size=channels),
            "moving_mean": generator.normal(size=channels),
            "moving_variance": generator.uniform(0.5, 2.0, channels),
        }

    def convolution(before, after):
        scale = 1 / np.sqrt(9 * before)
        return {
            "kernel": generator.normal(scale=scale, size=(3, 3, before, after)),
            "bias": generator.normal(size=after),
        }

    layers = [normal(1)]
    for before, width in zip((1, *WIDTHS), WIDTHS, strict=False):
        layers += [convolution(before, width), normal(width), convolution(width, width), normal(width)]
    return layers[:-1]


def write_keras(path, layers, group=None):
    with h5py.File(path, "w") as file:
        root = file.create_group(group) if group else file
        stored = {"input_1": {}, "melspectrogram_1": {"real_kernels": np.ones((2, 2))}}
        stored |= {f"layer_{index}": layer for index, layer in enumerate(layers)}
        root.attrs["layer_names"] = [name.encode() for name in stored]
        for name, arrays in stored.items():
            one = root.create_group(name)
            one.attrs["weight_names"] = np.array([f"{name}/{key}:0".encode() for key in arrays], dtype="S64")
            for key, values in arrays.items():
                one[f"{name}/{key}:0"] = values.astype(np.float32)
    return path


def reference_network(layers, image):
    """The published network on (height, width, channels) in NumPy, by its description in Keras."""

    def normalise(x, layer):
        deviation = np.sqrt(layer["moving_variance"] + 0.001)
        return (x - layer["moving_mean"]) / deviation * layer["gamma"] + layer["beta"]

    def convolve(x, layer):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        maps = [
            sum(
                correlate(padded[..., i], layer["kernel"][..., i, o], mode="valid", method="direct")
                for i in range(x.shape[2])
            )
            for o in range(layer["kernel"].shape[3])
        ]
        return np.stack(maps, axis=2) + layer["bias"]

    def pool(x):
        height, width = x.shape[0] // 2, x.shape[1] // 2
        blocks = x[: 2 * height, : 2 * width].reshape(height, 2, width, 2, -1)
        return blocks.max(axis=(1, 3))

    rest = iter(layers)
    x = normalise(image[..., None], next(rest))
    for _ in range(3):
        for _ in range(2):
            x = convolve(x, next(rest))
            x = np.maximum(normalise(x, next(rest)), 0)
        x = pool(x)
    x = np.maximum(normalise(convolve(x, next(rest)), next(rest)), 0)
    return convolve(x, next(rest)).max(axis=(0, 1))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return write_keras(tmp_path_factory.mktemp("openl3") / "openl3_audio_mel256_env.h5", keras_arrays())


@pytest.fixture(scope="module")
def sound():
    generator = np.random.default_rng(5)
    return generator.normal(size=(4, 66150)) * np.hanning(66150)


def test_network_from_a_keras_file_is_the_described_one(weights):
    layers = [layer for layer in read_keras_layers(weights, extra="openl3") if "real_kernels" not in layer]
    images = np.random.default_rng(1).uniform(-80, 0, (2, 33, 26))
    with torch.inference_mode():
        ours = network_of(layers)(torch.tensor(images[:, None], dtype=torch.float32))
    expected = np.stack([reference_network(keras_arrays(), image) for image in images])
    assert np.allclose(ours, expected, rtol=1e-4, atol=1e-3)


def test_weights_are_read_compressed_and_out_of_a_whole_model(weights, tmp_path, sound):
    compressed = tmp_path / "openl3_audio_mel256_env-v0_4_0.h5.gz"
    with weights.open("rb") as source, gzip.open(compressed, "wb") as target:
        shutil.copyfileobj(source, target)
    whole = write_keras(tmp_path / "whole.h5", keras_arrays(), group="model_weights")
    expected = OpenL3(weights).hear(sound).embeddings
    for path in (compressed, whole):
        assert np.array_equal(OpenL3(path).hear(sound).embeddings, expected)


def test_hearing_gives_a_window_every_half_second(weights, sound):
    embedder = OpenL3(weights, published=False)
    heard = embedder.hear(sound)
    assert heard.logits is None
    assert heard.embeddings.shape == (3, embedder.dimensions) == (3, WIDTHS[-1])
    assert heard.embeddings.dtype == np.float32


def test_hearing_mixes_to_the_mean_of_the_channels(weights, sound):
    embedder = OpenL3(weights)
    assert np.allclose(
        embedder.hear(sound).embeddings, embedder.hear(sound.mean(0, keepdims=True)).embeddings, atol=1e-4
    )


def frechet(a, b):
    product = np.cov(a, rowvar=False) @ np.cov(b, rowvar=False)
    cross = np.sqrt(np.maximum(np.linalg.eigvals(product).real, 0)).sum()
    means = ((a.mean(0) - b.mean(0)) ** 2).sum()
    return means + np.trace(np.cov(a, rowvar=False)) + np.trace(np.cov(b, rowvar=False)) - 2 * cross


def test_published_embedding_doubles_the_frechet_distance(weights):
    noise = np.random.default_rng(7).normal(size=(1, 8 * 44100))
    sounds = [noise, np.cumsum(noise, axis=1)]
    single, double = OpenL3(weights, published=False), OpenL3(weights)
    assert double.comparable
    assert not single.comparable
    assert double.id != single.id
    once = [single.hear(sound).embeddings for sound in sounds]
    twice = [double.hear(sound).embeddings for sound in sounds]
    assert twice[0].shape[1] == double.dimensions == 2 * single.dimensions
    assert frechet(*once) > 1
    assert frechet(*twice) == pytest.approx(2 * frechet(*once), rel=1e-5)


def test_registry_takes_the_weights_of_the_variable_or_of_the_cache(weights, tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIOSPACE_OPENL3", str(weights))
    expected = load_embedder("openl3").id
    monkeypatch.setenv("AUDIOSPACE_OPENL3", str(weights.parent))
    assert load_embedder("openl3").id == expected
    monkeypatch.delenv("AUDIOSPACE_OPENL3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "audiospace" / "weights" / "openl3"
    folder.mkdir(parents=True)
    shutil.copy(weights, folder)
    assert load_embedder("openl3").id == expected


def test_missing_weights_say_what_goes_where(tmp_path, monkeypatch):
    monkeypatch.delenv("AUDIOSPACE_OPENL3", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(UserError) as caught:
        load_embedder("openl3")
    said = str(caught.value)
    assert "https://github.com/marl/openl3" in said
    assert str(tmp_path / "audiospace" / "weights" / "openl3") in said
    assert "AUDIOSPACE_OPENL3" in said
    monkeypatch.setenv("AUDIOSPACE_OPENL3", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="nowhere"):
        load_embedder("openl3")


@pytest.mark.parametrize("change", ["short", "wide", "nameless"])
def test_another_network_is_refused(tmp_path, change):
    layers = keras_arrays()
    if change == "short":
        layers = layers[:-4]
    elif change == "wide":
        layers[3]["kernel"] = np.zeros((5, 5, WIDTHS[0], WIDTHS[0]))
    else:
        del layers[2]["moving_mean"]
    with pytest.raises(UserError, match="audio network"):
        OpenL3(write_keras(tmp_path / "other.h5", layers))


@pytest.mark.parametrize("name", ["other.h5", "other.h5.gz"])
def test_a_file_that_is_no_keras_file_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="Keras"):
        OpenL3(path)


def test_a_damaged_download_is_refused(weights, tmp_path):
    whole = gzip.compress(weights.read_bytes())
    for name, damaged in (
        ("cut", whole[: len(whole) // 2]),
        ("broken", whole[:20] + b"\xff" * 50 + whole[70:]),
    ):
        path = tmp_path / f"{name}.h5.gz"
        path.write_bytes(damaged)
        with pytest.raises(UserError, match="Keras"):
            OpenL3(path)
