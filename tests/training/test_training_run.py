import json
import os
import signal
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from audiospace.errors import UserError
from audiospace.model_store import load_model, presets_folder
from audiospace.training.checkpoint import load_checkpoint
from audiospace.training.config import read_stage_config
from audiospace.training.run import train_stage
from audiospace.training.stopping import Stopped


def test_the_four_stages_follow_each_other(stage_file, tmp_path):
    result = None
    for stage in ("vae", "coarse", "fine", "finetune"):
        init = None if result is None else result.model
        result = train_stage(stage, stage_file(stage, init), output=tmp_path / stage)
        assert result.report.steps == 4
        assert load_model(result.model).name == "tiny"
        rows = [json.loads(line) for line in (tmp_path / stage / "log.jsonl").read_text().splitlines()]
        assert all(torch.isfinite(torch.tensor(list(row.values()))).all() for row in rows)
    model = load_model(result.model).model
    assert (model.latent_scale != 1).any()
    assert (model.embedder.conditioners["sphere"].scale != 1).any()


def test_a_cut_run_resumes_to_the_same_weights(stage_file, tmp_path):
    whole = train_stage("vae", stage_file("vae", steps=4), output=tmp_path / "whole")

    def interrupt(_what, done, _total):
        if done == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Stopped):
        train_stage("vae", stage_file("vae", steps=4), output=tmp_path / "cut", on_progress=interrupt)
    assert load_checkpoint(tmp_path / "cut")["step"] == 3
    resumed = train_stage("vae", stage_file("vae", steps=4), output=tmp_path / "cut", resume=True)
    expected, found = (load_model(r.model, fold=False).model.state_dict() for r in (whole, resumed))
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-5, atol=1e-7)


def test_an_earlier_run_is_not_overwritten(stage_file, tmp_path):
    train_stage("vae", stage_file("vae", steps=1), output=tmp_path / "run")
    with pytest.raises(UserError, match="--resume"):
        train_stage("vae", stage_file("vae", steps=1), output=tmp_path / "run")


def test_a_configuration_of_another_stage_is_refused(stage_file, tmp_path):
    with pytest.raises(UserError, match="stage 'vae'"):
        train_stage("fine", stage_file("vae"), output=tmp_path / "run")


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        ("vae mini", "mini/vae"),
        ("vae mini-vae", "mini/vae"),
        ("fine audiospace-mini", "audiospace-mini/fine"),
        ("finetune audiospace-mini-single", "audiospace-mini-single/finetune"),
        ("finetune audiospace-mini-long", "audiospace-mini-long/finetune"),
        ("vae vae.yaml", "tiny/vae"),
    ],
)
def test_a_run_goes_to_a_folder_of_its_presets_or_models_name(
    stage_file, tmp_path, monkeypatch, words, folder
):
    stage_file("vae")
    monkeypatch.chdir(tmp_path)
    earlier = tmp_path / "runs" / folder / "checkpoint.pt"
    earlier.parent.mkdir(parents=True)
    earlier.touch()
    stage, config = words.split()
    with pytest.raises(UserError, match="already holds a run") as caught:
        train_stage(stage, Path(config))
    assert str(caught.value.file) == f"runs/{folder}"


@pytest.mark.parametrize(
    "chain",
    [
        ["mini-vae", "mini-coarse", "mini-fine", "mini-finetune"],
        ["omniaudio-vae", "omniaudio-coarse", "omniaudio-fine", "omniaudio-finetune"],
        ["audiospace-mini-" + name for name in ("vae", "coarse", "fine", "single", "finetune", "long")],
    ],
)
def test_each_preset_starts_where_the_one_before_it_ended(chain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = presets_folder() / "train"
    for before, name in pairwise(chain):
        settings = read_stage_config(folder / f"{before}.yaml")
        ends = Path(read_stage_config(folder / f"{name}.yaml").init or "").parent
        (tmp_path / ends).mkdir(parents=True)
        (tmp_path / ends / "checkpoint.pt").touch()
        with pytest.raises(UserError, match="already holds a run"):
            train_stage(settings.stage, Path(before))
