import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import torch

from audiospace.model_store import (
    describe_model,
    doctor,
    examine,
    extras,
    list_models,
    listing,
    load_config,
    machine,
)
from audiospace.model_store.description import count_parameters


@pytest.fixture(autouse=True)
def _empty_caches(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def without(monkeypatch, package):
    def find(name):
        if name.replace("_", "-") == package:
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(extras, "version", find)


def lacks(name):
    (model,) = (model for model in list_models() if model.known.name == name)
    return {lack.what: lack.command for lack in model.lacks}


def test_the_model_that_ships_is_ready():
    found = examine()
    assert found.healthy
    assert found.versions["torch"] == torch.__version__
    assert lacks("audiospace-mini") == {}
    assert found.disk > 0


def test_what_the_published_model_lacks_comes_with_commands():
    found = lacks("omniaudio")
    assert "audiospace model fetch omniaudio" in found.values()
    assert "hf download facebook/metaclip-h14-fullcc2.5b" in found.values()
    assert [model.ready for model in list_models()] == [True, False]


@pytest.mark.parametrize(("package", "extra"), [("huggingface-hub", "hub"), ("transformers", "metaclip")])
def test_missing_packages_are_named_with_the_command(monkeypatch, package, extra):
    assert extras.is_installed(extra)
    without(monkeypatch, package)
    assert not extras.is_installed(extra)
    assert f"pip install 'audiospace[{extra}]'" in lacks("omniaudio").values()
    (entry,) = (entry for entry in extras.list_extras() if entry.name == extra)
    assert None in entry.packages.values()


def test_a_missing_package_that_is_always_needed_is_unhealthy(monkeypatch):
    monkeypatch.setattr(doctor, "installed_version", lambda name: None if name == "av" else "1")
    assert not examine().healthy


def test_extras_are_those_of_the_project_without_the_developers():
    names = [extra.name for extra in extras.list_extras()]
    assert {"clap", "hub", "metaclip", "openl3", "plots", "ray", "shards", "sofa", "wandb"} <= set(names)
    assert "dev" not in names
    assert all(extra.purpose for extra in extras.list_extras())
    assert not extras.is_installed("nothing")


def test_too_little_memory_and_disk(monkeypatch):
    monkeypatch.setattr(listing, "free_memory", lambda: 10**8)
    monkeypatch.setattr(listing, "free_disk", lambda _folder: 10**9)
    assert any("of free memory, where there are 0.1 GB" in what for what in lacks("audiospace-mini"))
    assert any("9.8 GB of free disk in" in what for what in lacks("omniaudio"))
    assert not examine().healthy


def test_an_unknown_amount_of_memory_is_no_obstacle(monkeypatch):
    monkeypatch.setattr(listing, "free_memory", lambda: None)
    assert lacks("audiospace-mini") == {}


def test_a_folder_of_ones_own_holds_the_weights_of_the_frame_encoder(tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIOSPACE_METACLIP", str(tmp_path))
    assert lacks("omniaudio")[f"weights of metaclip-h14 in {tmp_path}"] == "unset AUDIOSPACE_METACLIP"
    (tmp_path / "model.safetensors").touch()
    assert f"weights of metaclip-h14 in {tmp_path}" in lacks("omniaudio")
    (tmp_path / "config.json").touch()
    assert not any("metaclip" in what for what in lacks("omniaudio"))


def test_the_weights_of_the_frame_encoder_are_found(tmp_path):
    snapshot = tmp_path / "hub" / "models--facebook--metaclip-h14-fullcc2.5b" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "pytorch_model.bin").touch()
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("abc")
    assert not any("metaclip" in what for what in lacks("omniaudio"))


def test_the_container_limits_the_memory(tmp_path, monkeypatch):
    for name, text in {
        "total": "MemTotal: 9 kB\nMemAvailable:   4096 kB\n",
        "limit": "3000\n",
        "use": "1000",
    }.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(machine, "_MEMORY_INFO", tmp_path / "total")
    monkeypatch.setattr(machine, "_CONTAINER_LIMIT", tmp_path / "absent")
    assert machine.free_memory() == 4096 * 1024
    monkeypatch.setattr(machine, "_CONTAINER_USE", tmp_path / "use")
    monkeypatch.setattr(machine, "_CONTAINER_LIMIT", tmp_path / "limit")
    assert machine.free_memory() == 2000
    (tmp_path / "limit").write_text("max\n")
    assert machine.free_memory() == 4096 * 1024
    monkeypatch.setattr(machine, "_MEMORY_INFO", tmp_path / "absent")
    assert machine.free_memory() is None


def test_the_processor_is_described(tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text("model name : A\nflags\t: fpu avx2 avx512_vnni\nmodel name : B\n")
    monkeypatch.setattr(machine, "_CPU_INFO", tmp_path / "cpuinfo")
    found = machine.processor()
    assert (found.name, found.instructions) == ("A", ("avx2", "avx512_vnni"))
    assert found.threads == torch.get_num_threads()
    assert found.cores >= 1
    monkeypatch.setattr(machine, "_CPU_INFO", tmp_path / "absent")
    assert machine.processor().instructions == ()


def test_free_disk_of_a_folder_that_is_yet_to_be_made(tmp_path):
    assert machine.free_disk(tmp_path / "a" / "b") == machine.free_disk(tmp_path)


def test_parts_of_the_published_model_have_the_published_sizes():
    assert count_parameters(load_config("omniaudio")) == {
        "transformer": 914_054_272,
        "conditioners": 2 * 1_574_400,
        "autoencoder, encoder": 77_991_680,
        "autoencoder, decoder": 78_124_420,
    }


def test_a_model_on_the_hub_is_described_without_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    found = describe_model("omniaudio")
    assert (found.where, found.path, found.sha256) == ("hub", None, "")
    assert found.features.startswith(
        "metaclip-h14, 8 frames a second: fov and panorama; weights CC-BY-NC-4.0"
    )


def test_the_model_that_ships_is_described():
    found = describe_model("audiospace-mini")
    assert (found.where, found.precisions) == ("ships", ("float16",))
    assert found.licence == "Apache-2.0"
    assert Path(found.path).is_file()
