"""A server on the loopback that answers as much of the Hub's protocol as a download needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """Repositories by id, each a mapping of file names to bytes; `asked` are the paths of GETs."""

    repositories: dict[str, Mapping[str, bytes]]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    served: dict[str, bytes] = field(default_factory=dict)  # bytes that differ from what is stated


@contextmanager
def running(repositories: dict[str, Mapping[str, bytes]]) -> Iterator[Hub]:
    hub = Hub(repositories)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            hub.asked.append(self.path)
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            path = self.path.split("?")[0].strip("/")
            if path.startswith("api/models/"):
                self._describe("/".join(path.split("/")[2:4]))
                return
            organisation, name, _, _, *file = path.split("/")
            data = hub.repositories[f"{organisation}/{name}"]["/".join(file)]
            data = hub.served.get(file[-1], data)
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def _describe(self, repository: str) -> None:
            files = hub.repositories.get(repository)
            status = 200 if files is not None else 404
            siblings = [_sibling(name, data) for name, data in (files or {}).items()]
            text = json.dumps({"id": repository, "sha": COMMIT, "siblings": siblings}).encode()
            self.send_response(status)
            if files is None:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


def _sibling(name: str, data: bytes) -> dict[str, object]:
    described: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": "0" * 40}
    if name.endswith((".safetensors", ".gguf", ".bin")):
        digest = hashlib.sha256(data).hexdigest()
        described["lfs"] = {"size": len(data), "sha256": digest, "pointerSize": 130}
    return described
