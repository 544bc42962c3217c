import numpy as np
import pytest
import torch

from audiospace.ambisonics import unit_vector
from audiospace.errors import UserError
from audiospace.model_store import load_model
from audiospace.reproduction.config import read_size, read_table
from audiospace.reproduction.judging import NOWHERE, Judged, compare, errors, generated, kept
from audiospace.reproduction.networks import build_network
from audiospace.reproduction.results import read_figures, write_figures
from audiospace.training.latents import LatentSet


def judged(scenes: int = 6, seed: int = 0) -> Judged:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(5), scenes)
    directions = rng.standard_normal((scenes, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return Judged(rng.standard_normal((scenes, 4, 3)).astype(np.float32), probabilities, directions)


def test_the_truth_itself_has_no_error():
    figures = compare(judged(), judged())
    assert figures.fd.whole == pytest.approx(0, abs=1e-6)
    assert np.allclose(figures.clips["kl"], 0, atol=1e-4)
    assert np.allclose(figures.clips["angle"], 0, atol=1e-6)


def test_other_sounds_are_further_away():
    figures = compare(judged(seed=0), judged(seed=1))
    assert figures.fd.whole > 0.1
    assert figures.clips["kl"].mean() > 0.1


def test_errors_are_those_of_the_directions():
    truth = np.array([unit_vector(0.5, 0.1), unit_vector(-0.5, 0.0), NOWHERE])
    found = errors(truth, unit_vector(1.0, 0.1))
    assert found["azimuth"] == pytest.approx([0.5, 1.5, np.nan], nan_ok=True)
    assert found["elevation"] == pytest.approx([0.0, 0.1, np.nan], nan_ok=True)


def test_figures_and_judgements_survive_their_files(tmp_path):
    truth = judged()
    kept(tmp_path / "truth.npz", truth)
    assert np.array_equal(kept(tmp_path / "truth.npz").embeddings, truth.embeddings)
    figures = compare(truth, judged(seed=1))
    figures.clips["angle"][2] = np.nan
    write_figures(tmp_path / "row" / "a.json", figures)
    again = read_figures(tmp_path / "row" / "a.json")
    assert np.array_equal(again.clips["angle"], figures.clips["angle"], equal_nan=True)
    assert np.array_equal(again.fd.without, figures.fd.without, equal_nan=True)
    assert again.fd.whole == figures.fd.whole


def test_missing_figures_are_none_and_damaged_ones_a_mistake(tmp_path):
    assert read_figures(tmp_path / "a.json") is None
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(UserError, match="judge the row again"):
        read_figures(tmp_path / "a.json")


@pytest.mark.parametrize("row", [0, -1])
def test_every_scene_is_heard_by_what_is_seen_in_it(parametric_model, row):
    draw = torch.Generator().manual_seed(0)
    shapes = {"fov": (28,), "panorama": (28,), "sphere": (4, 29)}
    features = {name: torch.rand(3, 4, *shape, generator=draw) for name, shape in shapes.items()}
    vae, size = load_model(parametric_model).model.vae, read_size("tiny")
    items = LatentSet(torch.randn(3, vae.config.latent_dim, 8, generator=draw), features)
    model = build_network(read_table("branches").rows[row].variant, size, vae, items, 0, with_video=True)
    for weight in model.transformer.parameters():
        torch.nn.init.normal_(weight, std=0.1, generator=draw)
    sounds = list(generated(model, items, 1, torch.device("cpu")))
    other = LatentSet(items.latents, {name: value.clone() for name, value in features.items()})
    for value in other.features.values():
        value[1] = value[1].flip(0) + 1
    again = list(generated(model, other, 1, torch.device("cpu")))
    assert [np.allclose(a, b, atol=1e-5) for a, b in zip(sounds, again, strict=True)] == [True, False, True]
