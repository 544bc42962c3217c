import io
import json
import os
import pickle
import subprocess
import sys

import pytest
import torch

from audiospace.cli import doctor as command
from audiospace.cli.main import run
from audiospace.model_store import catalogue, describe_model, listing, load_model
from audiospace.model_store.catalogue import KnownModel, Release
from hub_server import FILE, REPOSITORY, Hub, serving, use_hub
from published_samples import UNUSED_COUNT, tiny_config, training_checkpoint


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(tiny_config()))
    return path


@pytest.fixture
def checkpoint(tmp_path):
    torch.save(training_checkpoint(), tmp_path / "model.ckpt")
    return tmp_path / "model.ckpt"


def convert(*words):
    return run(["model", "convert", *map(str, words)])


def one_line(capsys):
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


def test_convert_writes_a_model_and_says_what_it_dropped(checkpoint, config, tmp_path, capsys):
    target = tmp_path / "out.safetensors"
    assert convert(checkpoint, target, "--config", config) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.splitlines()[-1] == str(target)
    assert f"dropped {UNUSED_COUNT:,} of " in captured.out
    assert load_model(target).name == "small"


def test_convert_in_half_precision_as_json(checkpoint, config, tmp_path, capsys):
    target = tmp_path / "out.safetensors"
    assert convert(checkpoint, target, "--config", config, "--dtype", "float16", "--json") == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["bytes"] == target.stat().st_size
    assert tree["sha256"] == describe_model(target).sha256
    assert describe_model(target).precisions == ("float16",)


def test_convert_needs_the_right_configuration(checkpoint, tmp_path, capsys):
    assert convert(checkpoint, tmp_path / "out.safetensors") == 2
    assert "do not fit the configuration 'omniaudio'" in one_line(capsys)
    assert not (tmp_path / "out.safetensors").exists()


def test_convert_names_the_key_that_is_not_supported(checkpoint, config, tmp_path, capsys):
    values = tiny_config()
    values["model"]["diffusion"]["config"]["global_cond_type"] = "adaLN"
    config.write_text(json.dumps(values))
    assert convert(checkpoint, tmp_path / "out.safetensors", "--config", config) == 2
    line = one_line(capsys)
    assert "model.diffusion.config.global_cond_type is 'adaLN'; only 'prepend' is supported" in line
    assert not (tmp_path / "out.safetensors").exists()


class Malicious:
    def __init__(self, victim):
        self.victim = victim

    def __reduce__(self):
        return os.mkdir, (self.victim,)


@pytest.mark.parametrize("save", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value))])
def test_code_in_a_checkpoint_is_not_run(tmp_path, config, capsys, save):
    path = tmp_path / "bad.ckpt"
    save(training_checkpoint() | {"extra": Malicious(str(tmp_path / "victim"))}, path)
    assert convert(path, tmp_path / "out.safetensors", "--config", config) == 2
    assert "nothing in it was run" in one_line(capsys)
    assert run(["model", "info", str(path)]) == 2
    assert not (tmp_path / "victim").exists()


def test_info_of_a_converted_model(checkpoint, config, tmp_path, capsys):
    target = tmp_path / "out.safetensors"
    convert(checkpoint, target, "--config", config)
    capsys.readouterr()
    assert run(["model", "info", str(target)]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"small (file): {target}")
    assert "looks through: external, 8 frames a second: fov and panorama" in text
    assert "width 76, 2 blocks of 2 heads" in text
    assert run(["model", "info", str(target), "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["config"]["transformer"]["width"] == 76
    assert tree["parameters"]["transformer"] > 0
    assert tree["notes"]["source"] == "model.ckpt"


def test_info_by_name(capsys):
    assert run(["model", "info", "audiospace-mini"]) == 0
    assert "audiospace-mini (ships)" in capsys.readouterr().out
    assert run(["model", "info", "nowhere"]) == 2
    assert "one of the names audiospace-mini, omniaudio" in one_line(capsys)


def test_list(capsys):
    assert run(["model", "list"]) == 0
    text = capsys.readouterr().out
    assert "audiospace-mini (ships)" in text
    assert "needs: audiospace[hub], audiospace[metaclip]" in text
    assert "CC-BY-NC-4.0" in text
    assert run(["model", "list", "--json"]) == 0
    mini, published = json.loads(capsys.readouterr().out)["models"]
    assert (mini["name"], mini["where"], mini["ready"]) == ("audiospace-mini", "ships", True)
    assert (published["where"], published["ready"]) == ("hub", False)


def test_doctor(capsys, monkeypatch):
    assert run(["doctor"]) == 0
    text = capsys.readouterr().out
    assert f"torch {torch.__version__}" in text
    assert "audiospace-mini: ready (ships)" in text
    assert "omniaudio: not ready; it lacks" in text
    assert "audiospace model fetch omniaudio" in text
    monkeypatch.setattr(listing, "free_memory", lambda: 1000)
    assert run(["doctor", "--json"]) == command.UNHEALTHY == 1
    tree = json.loads(capsys.readouterr().out)
    assert tree["healthy"] is False
    assert tree["cpu"]["threads"] == torch.get_num_threads()
    assert {"hub", "metaclip"} <= {extra["name"] for extra in tree["extras"]}


def test_model_alone_explains_itself(capsys):
    assert run(["model"]) == 0
    text = capsys.readouterr().out
    for name in ("convert", "fetch", "info", "list"):
        assert name in text


def test_fetch_then_info_then_damage(config, tmp_path, capsys, monkeypatch):
    stream = io.BytesIO()
    torch.save(training_checkpoint(), stream)
    known = KnownModel("tiny", "for tests", str(config), "none", 1, Release(REPOSITORY, FILE, 1))
    monkeypatch.setattr(catalogue, "CATALOGUE", (known,))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serving(Hub(stream.getvalue())) as hub:
        use_hub(monkeypatch, hub.endpoint, str(tmp_path / "hub"))
        assert run(["model", "fetch", "tiny"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    path = tmp_path / "cache" / "audiospace" / "models" / "tiny.safetensors"
    assert captured.out.splitlines()[-1] == str(path)
    assert run(["model", "info", "tiny", "--verify"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"small (cached): {path}")
    assert ", verified" in text
    assert "not needed: dropped" in text
    content, status = bytearray(path.read_bytes()), path.stat()
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert run(["model", "info", "tiny"]) == 0
    capsys.readouterr()
    assert run(["model", "info", "tiny", "--verify"]) == 2
    assert f"the cached model is damaged: its checksum is another one. Remove {path}" in one_line(capsys)


def test_the_endpoint_of_the_environment_is_asked(tmp_path):
    with serving(Hub(b"not a checkpoint")) as hub:
        hub.status = 403
        environment = os.environ | {
            "HF_ENDPOINT": hub.endpoint,
            "HF_HOME": str(tmp_path / "hub"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "audiospace", "model", "fetch", "omniaudio"],
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "OmniAudio360V2SA" in line
    assert hub.requests
