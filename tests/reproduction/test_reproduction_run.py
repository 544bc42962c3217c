import os
import signal

import numpy as np
import pytest
import yaml

from audiospace.errors import UserError
from audiospace.reproduction import run as run_module
from audiospace.reproduction.run import Request, reproduce
from audiospace.training.stopping import Stopped

ROWS = [
    {
        "title": "plain",
        "network": "plain",
        "pretraining": ["coarse", "fine"],
        "reads": [{"branch": "fov", "role": "additive"}, {"branch": "eac", "role": "global"}],
        "paper": {"fd": 1.0, "kl": 2.0, "azimuth": 1.0, "elevation": 0.5, "angle": 1.0},
    },
    {
        "title": "ours",
        "network": "equivariant",
        "pretraining": ["fine"],
        "reads": [{"branch": "sphere", "role": "spherical"}],
    },
]


@pytest.fixture
def request_for(tmp_path, size_file, parametric_model):
    path = tmp_path / "table.yaml"
    path.write_text(yaml.safe_dump({"title": "Two rows", "source": "nowhere", "rows": ROWS}))

    def make(name, model=parametric_model):
        return Request(str(path), tmp_path / name, str(size_file), str(model), plots=False)

    return make


def run(request, on_progress=lambda *_: None):
    found = {}
    files = reproduce(
        request, on_progress, lambda title, seed, figures: found.update({(title, seed): figures})
    )
    return files, found


def test_rows_are_trained_judged_and_not_done_again(request_for, monkeypatch):
    request = request_for("whole")
    files, found = run(request)
    text = files[0].read_text()
    for title in ("plain", "ours", "true latents, decoded", "always front", "random direction"):
        assert f"| {title} |" in text
    assert set(found) == {("plain", 0), ("ours", 0)}
    assert all(np.isfinite(figures.clips["kl"]).all() for figures in found.values())
    monkeypatch.setattr(run_module, "trained", None)
    assert run(request)[0][0].read_text() == text


def test_a_cut_run_goes_on_to_the_same_figures(request_for):
    def interrupt(what, done, _total):
        if (what, done) == ("finetune", 2):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stopped):
        run(request_for("cut"), interrupt)
    _, expected = run(request_for("whole"))
    _, found = run(request_for("cut"))
    for name, figures in expected.items():
        assert found[name].clips["angle"] == pytest.approx(figures.clips["angle"], rel=1e-3, abs=1e-3)
        assert found[name].fd.whole == pytest.approx(figures.fd.whole, rel=1e-3)


def test_an_autoencoder_without_directions_is_refused_at_once(request_for, tmp_path):
    from audiospace.model_store import load_config, save_model
    from audiospace.models import SpatialAudioModel

    path = tmp_path / "other.safetensors"
    save_model(SpatialAudioModel(load_config("tiny")), path)
    with pytest.raises(UserError, match="parametric"):
        run(request_for("refused", path))
    assert not (tmp_path / "refused").exists()
