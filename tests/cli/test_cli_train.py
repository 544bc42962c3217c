import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from audiospace.cli.main import run
from audiospace.training.checkpoint import load_checkpoint
from audiospace.training.engine import TrainingReport
from audiospace.training.processes import Machines, is_first_process
from audiospace.training.run import StageResult
from audiospace.training.stopping import Stopped

PATIENCE = 600


def stage_file(folder, steps):
    path = folder / "coarse.yaml"
    config = {
        "stage": "coarse",
        "model": "tiny",
        "run": {"steps": steps, "batch_size": 2, "validate_every": 10**6, "checkpoint_every": 10**6},
        "data": {"seconds": 1.0, "items": 2, "validation_items": 1},
    }
    path.write_text(yaml.safe_dump(config))
    return path


def start(folder, steps, *more):
    config = stage_file(folder, steps)
    words = ["train", "coarse", "--config", str(config), "-o", str(folder / "run"), "--accelerator", "cpu"]
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "audiospace", *words, *more],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_sigterm_ends_a_run_with_a_checkpoint_and_one_line(tmp_path):
    process = start(tmp_path, 10**7)
    try:
        log, begun = tmp_path / "run" / "log.jsonl", time.monotonic()
        while process.poll() is None and not (log.exists() and log.read_text().count("\n") > 3):
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.05)
        process.terminate()
        output, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 143, errors
    state = load_checkpoint(tmp_path / "run")
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert rows[-1]["step"] == state["step"] > 2
    assert output == ""
    assert errors.strip().splitlines() == [
        f"audiospace: stopped after step {state['step']}; --resume goes on from there"
    ]
    config = stage_file(tmp_path, state["step"] + 2)
    words = ["train", "coarse", "--config", config, "-o", tmp_path / "run", "--resume"]
    assert run([str(word) for word in words]) == 0
    assert load_checkpoint(tmp_path / "run")["step"] == state["step"] + 2


def test_options_say_where_to_train_and_what_to_log(tmp_path, monkeypatch):
    called = {}

    def train_stage(*_arguments, **options):
        called.update(options)
        return StageResult(tmp_path / "model.safetensors", TrainingReport(1, 1.0, {}, {}))

    monkeypatch.setattr("audiospace.training.run.train_stage", train_stage)
    words = "train vae --config a.yaml --devices 8 --nodes 2 --strategy fsdp --accelerator gpu --log wandb"
    assert run(words.split()) == 0
    assert called["machines"] == Machines(8, 2, "fsdp", "gpu")
    assert called["log_to"] == ["wandb"]
    assert run("train vae --config a.yaml".split()) == 0
    assert called["machines"] == Machines()
    assert called["log_to"] in (["tensorboard"], [])


@pytest.mark.parametrize(("rank", "status"), [("0", 143), ("1", 0)])
def test_the_first_process_speaks_for_all(monkeypatch, capsys, rank, status):
    def train_stage(*_arguments, **_options):
        raise Stopped(7, signal.SIGTERM)

    monkeypatch.setattr("audiospace.training.run.train_stage", train_stage)
    monkeypatch.setenv("LOCAL_RANK", rank)
    assert is_first_process() is (rank == "0")
    with pytest.raises(SystemExit) as ended:
        run("train vae --config a.yaml".split())
    assert ended.value.code == status
    assert capsys.readouterr().err.count("after step 7") == (rank == "0")


def test_more_gpus_than_there_are_is_a_mistake(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    config = stage_file(tmp_path, 1)
    words = ["train", "coarse", "--config", str(config), "-o", str(tmp_path / "run"), "--accelerator", "gpu"]
    assert run(words) == 2
    assert "1 GPUs are asked for and 0 are there" in capsys.readouterr().err


def test_a_preset_is_known_by_its_name(tmp_path, capsys):
    words = ["train", "fine", "--config", "mini-vae", "-o", str(tmp_path / "run")]
    assert run(words) == 2
    assert "configuration of stage 'vae'" in capsys.readouterr().err
    assert run(["train", "vae", "--config", "maxi", "-o", str(tmp_path / "run")]) == 2
    told = capsys.readouterr().err
    assert "maxi: is neither a file nor a preset of stage 'vae'" in told
    assert "one of audiospace-mini, mini, omniaudio" in told
