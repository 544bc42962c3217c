"""A hub of models on this machine, with the few answers that a download asks for."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

REPOSITORY, FILE, COMMIT = "someone/model", "model.ckpt", "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the hub serves, and what it was asked.

    `status` other than 200 refuses everything; `sent` bytes of a body are sent before the connection breaks,
    once; `claimed` is the checksum it names.
    """

    content: bytes = b""
    status: int = 200
    error_code: str = ""
    sent: int | None = None
    claimed: str | None = None
    endpoint: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    @property
    def etag(self) -> str:
        return self.claimed or hashlib.sha256(self.content).hexdigest()

    @property
    def ranges(self) -> list[str]:
        """The parts that were asked for, one per download."""
        return [part for method, part in self.requests if method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        hub = self.hub
        hub.requests.append((self.command, self.headers.get("Range", "")))
        hub.tokens.add(self.headers.get("Authorization", ""))
        expected = rf"/{REPOSITORY}/resolve/(main|{COMMIT})/{FILE}"
        status = hub.status if re.fullmatch(expected, self.path) else 404
        if status != 200:
            self.send_response(status)
            if hub.error_code:
                self.send_header("X-Error-Code", hub.error_code)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int((re.findall(r"bytes=(\d+)-", self.headers.get("Range", "")) or ["0"])[0])
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hub.etag}"')
        self.send_header("Content-Length", str(len(hub.content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(hub.content) - 1}/{len(hub.content)}")
        self.end_headers()
        if body:
            stop = None if hub.sent is None else start + hub.sent
            hub.sent = None
            self.wfile.write(hub.content[start:stop])
            self.close_connection = True


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve on the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def use_hub(patch: pytest.MonkeyPatch, endpoint: str, own_cache: str) -> None:
    """Do in this process what HF_ENDPOINT and HF_HUB_CACHE do at the start of one."""
    from huggingface_hub import constants

    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    patch.setattr(constants, "ENDPOINT", endpoint)
    patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    patch.setattr(constants, "HF_HUB_CACHE", own_cache)
    patch.setattr(constants, "HF_HUB_OFFLINE", False)
