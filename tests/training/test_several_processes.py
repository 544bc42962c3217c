import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from one_of_two import train
from safetensors.torch import load_file

SCRIPT = Path(__file__).with_name("one_of_two.py")
TIMES = {"seconds", "waiting"}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run_two(folder: Path, *names: str) -> None:
    """Start two processes as torchrun does."""
    environment = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "GROUP_RANK": "0",
        "TORCHELASTIC_RUN_ID": "test",
        "OMP_NUM_THREADS": "1",
    }
    processes = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(SCRIPT), str(folder), *names],
            env=os.environ | environment | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        outputs = [process.communicate(timeout=900)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], "\n".join(outputs)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The same runs by one process and by two."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("flow-auto", "toy-auto", "flow-auto-half"):
        train(folder, name)
    shutil.copytree(folder / "flow-auto-half", folder / "flow-fsdp-resumed")
    run_two(folder, "flow-ddp", "toy-ddp", "flow-fsdp", "flow-fsdp-resumed", "flow-fsdp-half")
    shutil.copytree(folder / "flow-fsdp-half", folder / "flow-auto-resumed")
    train(folder, "flow-auto-resumed")
    return folder


def rows(folder: Path, name: str) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / name / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("alone", "together"),
    [("flow-auto", "flow-ddp"), ("flow-auto", "flow-fsdp"), ("toy-auto", "toy-ddp")],
)
def test_two_processes_have_the_loss_curve_of_one(folder, alone, together):
    expected, found = rows(folder, alone), rows(folder, together)
    assert [row["step"] for row in found] == [row["step"] for row in expected]
    totals = [row["total"] for row in expected if "total" in row]
    assert len(totals) == 4
    assert max(totals) - min(totals) > 1e-2
    for row, other in zip(expected, found, strict=True):
        assert row.keys() == other.keys()
        for name in row.keys() - TIMES:
            assert other[name] == pytest.approx(row[name], rel=1e-4, abs=1e-4), name


@pytest.mark.parametrize("together", ["flow-ddp", "flow-fsdp", "flow-fsdp-resumed", "flow-auto-resumed"])
def test_two_processes_write_the_model_of_one(folder, together):
    expected = load_file(folder / "flow-auto" / "model.safetensors")
    found = load_file(folder / together / "model.safetensors")
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-4)


def test_a_checkpoint_does_not_say_how_many_processes_wrote_it(folder):
    alone, sharded = (
        torch.load(folder / name / "checkpoint.pt", weights_only=True)["players"]["network"]
        for name in ("flow-auto-half", "flow-fsdp-half")
    )
    assert sharded["moments"].keys() == alone["moments"].keys()
    for name, value in alone["weights"].items():
        assert type(sharded["weights"][name]) is torch.Tensor
        torch.testing.assert_close(sharded["weights"][name], value, rtol=1e-3, atol=1e-4)
