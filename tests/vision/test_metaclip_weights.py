import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from audiospace.errors import MissingExtraError, UserError
from audiospace.vision import weights_folder, weights_id
from audiospace.vision.metaclip_weights import FOLDER_VARIABLE, REPOSITORY


@pytest.fixture(autouse=True)
def _hub_settings(monkeypatch, tmp_path):
    """No folder of the user's, and an empty cache of the hub's library."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)


@contextmanager
def hub(monkeypatch, **files: bytes):
    """A hub on this machine whose repositories all hold the same files (a dot in a name is written __)."""
    contents = {name.replace("__", "."): content for name, content in files.items()}
    handler = type("Handler", (Hub,), {"files": contents})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(
            "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
            f"http://127.0.0.1:{server.server_port}/{{repo_id}}/resolve/{{revision}}/{{filename}}",
        )
        yield
        server.shutdown()


def test_a_folder_of_the_users_comes_first(tiny_clip, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tiny_clip))
    assert weights_folder() == tiny_clip


def test_a_folder_without_weights_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    for ask in (weights_folder, weights_id):
        with pytest.raises(UserError, match=f"unset {FOLDER_VARIABLE}"):
            ask()


def test_weights_are_known_by_their_content(tiny_clip, tmp_path, monkeypatch):
    assert weights_id() == REPOSITORY
    names = []
    for folder in (tiny_clip, Path(shutil.copytree(tiny_clip, tmp_path / "copy"))):
        monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
        names.append(weights_id())
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[len(weights) // 2] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    names.append(weights_id())
    assert names[0] == names[1] != names[2]


def test_off_line_one_sentence_says_what_to_do(tmp_path):
    """In a new process, since the hub's library reads the setting when it is imported."""
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    find = "from audiospace.vision import weights_folder; weights_folder()"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", find], env=environment, capture_output=True, text=True, check=False
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "UserError: MetaCLIP's weights" in last
    assert "without HF_HUB_OFFLINE" in last
    assert FOLDER_VARIABLE in last


def test_a_hub_without_them_too(monkeypatch):
    with hub(monkeypatch), pytest.raises(UserError, match="cannot be downloaded"):
        weights_folder()


def test_without_the_hubs_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"audiospace\[metaclip\]"):
        weights_folder()


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as a download needs."""

    files: dict[str, bytes]

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, *, body: bool):
        content = self.files.get(self.path.rsplit("/", 1)[-1])
        self.send_response(404 if content is None else 200)
        if content is None:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("ETag", f'"{len(content or b"")}"')
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if body and content is not None:
            self.wfile.write(content)

    def log_message(self, *_arguments):
        pass


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_weights_are_downloaded_once_and_their_licence_is_said(monkeypatch, caplog, name):
    with hub(monkeypatch, config__json=b"{}", **{name.replace(".", "__"): b"weights"}):
        folder = weights_folder()
    assert (folder / name).read_bytes() == b"weights"
    assert "CC-BY-NC-4.0" in caplog.text
    caplog.clear()
    assert weights_folder() == folder
    assert caplog.text == ""
