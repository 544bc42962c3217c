import json

import numpy as np
import pytest
import soundfile

from audiospace.cli.main import run


@pytest.fixture
def sounds(tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    for name in ("a", "b"):
        soundfile.write(folder / f"{name}.wav", 0.1 * np.random.default_rng(0).standard_normal(32000), 16000)
    (folder / "c.wav").write_bytes(b"rubbish")
    return folder


def test_data_shard_prepares_a_folder_and_names_what_is_damaged(sounds, tmp_path, tiny_model, capsys):
    command = [
        "data",
        "shard",
        str(sounds),
        "-o",
        str(tmp_path / "out"),
        "--model",
        str(tiny_model),
        "--device",
        "cpu",
    ]
    assert run(command) == 0
    printed = capsys.readouterr().out
    assert "2 samples in 1 shards (0 of them kept), 1 left out" in printed
    assert "left out   c:" in printed
    assert run([*command, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["samples"], summary["kept"], summary["failed"]) == (2, 1, [])
    assert [item["name"] for item in summary["left_out"]] == ["c"]


def test_data_shard_explains_mistakes_in_one_line(tmp_path, capsys):
    assert run(["data", "shard", str(tmp_path / "none"), "-o", str(tmp_path / "out")]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert run(["data", "shard", str(tmp_path), "-o", str(tmp_path / "out"), "--short", "stretch"]) == 2
