import errno
import hashlib
import io
import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from audiospace.errors import MissingExtraError, UserError
from audiospace.model_store import catalogue, load_model, loading
from audiospace.model_store.cache import cache_folder, cached_model, check_cached, fetch_model
from audiospace.model_store.catalogue import KnownModel, Release
from audiospace.model_store.progress import unreported
from hub_server import COMMIT, FILE, REPOSITORY, Hub, serving, use_hub
from published_samples import tiny_config, tiny_vectors, training_checkpoint

RELEASE = Release(REPOSITORY, FILE, 1000)


@pytest.fixture(scope="module")
def content() -> bytes:
    stream = io.BytesIO()
    torch.save(training_checkpoint(), stream)
    return stream.getvalue()


@pytest.fixture
def hub(content, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serving(Hub(content)) as hub:
        use_hub(monkeypatch, hub.endpoint, str(tmp_path / "hub"))
        yield hub


@pytest.fixture
def known(tmp_path) -> KnownModel:
    config = tmp_path / "tiny.json"
    config.write_text(json.dumps(tiny_config()))
    return KnownModel("tiny", "for tests", str(config), "none", 1, RELEASE)


def fetch(known, on_progress=unreported):
    return fetch_model(known, RELEASE, on_progress)


def files() -> set[str]:
    return {path.name for path in cache_folder().iterdir()} - {"tiny.lock"}


def test_a_model_is_downloaded_and_converted_once(hub, known, content):
    steps = []
    cached = fetch(known, lambda *step: steps.append(step))
    assert files() == {"tiny.safetensors", "tiny.json"}
    assert cached == cached_model(known)
    record = cached.record
    assert (record.repository, record.file, record.revision) == (REPOSITORY, FILE, COMMIT)
    assert record.source_sha256 == hashlib.sha256(content).hexdigest()
    assert record.source_bytes == len(content)
    assert record.sha256 == hashlib.sha256(cached.path.read_bytes()).hexdigest()
    assert record.bytes == cached.path.stat().st_size
    assert "that inference never reads (cross-attention" in record.dropped
    assert ("download", len(content), len(content)) in steps
    assert steps[-1] == ("conversion", 3, 3)
    asked = len(hub.requests)
    assert fetch(known) == cached
    assert len(hub.requests) == asked


def test_a_name_leads_to_the_reference_sound(hub, known, monkeypatch):
    monkeypatch.setattr(catalogue, "CATALOGUE", (known,))
    loaded = load_model("tiny")
    golden = tiny_vectors()
    with torch.inference_mode():
        audio = loaded.model.vae.decode(golden["vae.dec_latents"])
    assert (audio - golden["vae.dec_audio"]).norm() / golden["vae.dec_audio"].norm() < 5e-6
    cached = cached_model(known)
    assert loaded.sha256 == cached.record.sha256
    assert loaded.dropped == cached.record.dropped
    assert loaded.notes["source"] == f"https://huggingface.co/{REPOSITORY}/blob/{COMMIT}/{FILE}"
    assert cached.record.checked == cached.path.stat().st_mtime_ns
    hub.status = 500
    assert load_model("tiny").sha256 == loaded.sha256
    assert loading.locate("tiny").path == cached.path


def test_a_broken_connection_is_taken_up_again(hub, known, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    hub.sent = 5000
    fetch(known)
    assert hub.ranges == ["", "bytes=5000-"]


def test_a_download_of_an_earlier_run_is_gone_on_with(hub, known, content):
    cache_folder().mkdir(parents=True)
    partial = cache_folder() / f"model-{hub.etag[:16]}.part"
    partial.write_bytes(content[:12345])
    fetch(known)
    assert hub.ranges == ["bytes=12345-"]
    assert files() == {"tiny.safetensors", "tiny.json"}


def test_an_interrupted_download_stays(hub, known):
    def interrupt(stage, done, _total):
        if stage == "download" and done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(known, interrupt)
    assert files() == {f"model-{hub.etag[:16]}.part"}
    fetch(known)
    assert files() == {"tiny.safetensors", "tiny.json"}


def test_an_interrupted_conversion_leaves_only_the_download(hub, known):
    def interrupt(stage, done, _total):
        if stage == "conversion" and done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(known, interrupt)
    assert files() == {f"model-{hub.etag[:16]}.part"}
    (cache_folder() / ".tiny-abandoned.safetensors").write_bytes(b"of a conversion that was killed")
    downloads = len(hub.ranges)
    fetch(known)
    assert len(hub.ranges) == downloads
    assert files() == {"tiny.safetensors", "tiny.json"}


def test_a_download_with_another_checksum_is_refused_and_removed(hub, known):
    hub.claimed = "0" * 64
    with pytest.raises(
        UserError, match=r"the download is damaged: its checksum differs. Run the command again"
    ):
        fetch(known)
    assert files() == set()


def test_a_file_without_a_checksum_is_taken_by_its_size(hub, known):
    hub.claimed = "just-a-tag"
    assert fetch(known).record.revision == COMMIT


def test_a_copy_in_the_hub_librarys_own_cache_is_used_and_left_there(hub, known, content, tmp_path):
    repository = tmp_path / "hub" / f"models--{REPOSITORY.replace('/', '--')}"
    blob, snapshot = repository / "blobs" / hub.etag, repository / "snapshots" / COMMIT
    blob.parent.mkdir(parents=True)
    blob.write_bytes(content)
    snapshot.mkdir(parents=True)
    (snapshot / FILE).symlink_to(blob)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    cached = fetch(known)
    assert hub.requests == []
    assert cached.record.revision == COMMIT
    assert blob.exists()
    shutil.rmtree(cache_folder())
    blob.write_bytes(content[:-1] + b"?")
    with pytest.raises(UserError, match=r"its checksum differs. Remove .*model\.ckpt and run"):
        fetch(known)
    assert blob.exists()


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (401, "RepoNotFound", "the hub has no repository someone/model, or it is private"),
        (404, "RepoNotFound", "the hub has no repository someone/model, or it is private"),
        (403, "GatedRepo", "open only to users who accepted its terms"),
        (404, "EntryNotFound", "someone/model has no file model.ckpt"),
        (401, "", "the hub"),
        (403, "", r"the hub refused someone/model \(status 403\)"),
        (500, "", r"the hub refused someone/model \(status 500\). Try again later"),
    ],
)
def test_what_the_hub_refuses_is_explained_in_one_line(hub, known, status, code, message):
    hub.status, hub.error_code = status, code
    with pytest.raises(UserError, match=message) as raised:
        fetch(known)
    assert "\n" not in str(raised.value)
    assert files() == set()


def test_no_connection(known, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    use_hub(monkeypatch, "http://127.0.0.1:9", str(tmp_path / "hub"))
    with pytest.raises(UserError, match=r"cannot be reached or broke off .* download model.ckpt elsewhere"):
        fetch(known)


def test_the_hub_can_be_switched_off(hub, known, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=r"not here, and the hub is off. Unset HF_HUB_OFFLINE"):
        fetch(known)
    assert hub.requests == []


def test_the_token_of_the_environment_is_sent(hub, known, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_for_tests")
    fetch(known)
    assert hub.tokens == {"Bearer hf_for_tests"}


@pytest.mark.usefixtures("hub")
def test_too_little_disk(known, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=1000))
    with pytest.raises(UserError, match=r"of free disk.*set XDG_CACHE_HOME"):
        fetch(known)
    assert files() == set()


@pytest.mark.usefixtures("hub")
def test_a_full_disk_while_downloading(known):
    def full(*_step):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UserError, match="the disk is full"):
        fetch(known, full)


def test_without_the_library_the_extra_is_named(known, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'audiospace\[hub\]'"):
        fetch(known)
    assert not cache_folder().exists()


def damage(path: Path, *, keep_size: bool) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content if keep_size else content[:-1])
    os.utime(path, ns=(1, 1))


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("keep_size", "message"), [(True, "its checksum is another one"), (False, r"it has [\d,]+ bytes where")]
)
def test_a_damaged_cache_is_noticed(known, monkeypatch, keep_size, message):
    monkeypatch.setattr(catalogue, "CATALOGUE", (known,))
    load_model("tiny")
    damage(cached_model(known).path, keep_size=keep_size)
    with pytest.raises(
        UserError, match=rf"the cached model is damaged: {message}.* Remove .*run the command"
    ):
        load_model("tiny")


@pytest.mark.usefixtures("hub")
def test_a_checked_file_is_only_checked_again_when_asked(known):
    cached = fetch(known)
    assert cached.record.checked == 0
    check_cached(cached)
    checked = cached_model(known)
    stamp = checked.path.stat().st_mtime_ns
    assert checked.record.checked == stamp
    damage(checked.path, keep_size=True)
    os.utime(checked.path, ns=(stamp, stamp))
    check_cached(checked)
    with pytest.raises(UserError, match="damaged"):
        check_cached(checked, again=True)


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("text", ["", "{}", "[]", '{"surprise": 1}'])
def test_a_model_without_a_good_record_is_had_again(known, text):
    path = fetch(known).path
    path.with_suffix(".json").write_text(text)
    assert cached_model(known) is None
    assert fetch(known).record.bytes == path.stat().st_size


@pytest.mark.usefixtures("hub")
def test_a_checkpoint_of_other_sizes_is_refused(known):
    other = tiny_config()
    other["model"]["diffusion"]["config"]["depth"] = 3
    Path(known.preset).write_text(json.dumps(other))
    with pytest.raises(UserError, match=r"missing key model.model.transformer.layers.2"):
        fetch(known)
