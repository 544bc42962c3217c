import json
import os
import signal

import pytest
import torch

from audiospace.errors import UserError
from audiospace.model_store import load_model
from audiospace.training.checkpoint import load_checkpoint
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
