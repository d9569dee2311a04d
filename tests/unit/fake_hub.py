"""A server on this machine that speaks as much of the Hugging Face Hub as downloads need."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """What the server knows and what it was asked.

    Attributes:
        repos: Files of each model, by its name.
        gated: Models whose files it hands to nobody.
        invalid_token: Whether it calls every token wrong.
        sent: Paths of the files that were downloaded whole.
        resumed: Bytes at which downloads went on.
        breaks: Bytes after which the connection of a download ends, once; None for never.
        damaged: Whether what it sends differs from what it announces.
    """

    repos: dict[str, Path] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    invalid_token: bool = False
    sent: list[str] = field(default_factory=list)
    resumed: list[int] = field(default_factory=list)
    breaks: int | None = None
    damaged: bool = False

    def serve(self) -> ThreadingHTTPServer:
        """A server on a free port, not yet running."""
        hub = self

        class Handler(_Handler):
            state = hub

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


class _Handler(BaseHTTPRequestHandler):
    state: FakeHub

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.split("?")[0]
        if self.state.invalid_token:
            message = "Invalid credentials in Authorization header"
            return self._reply(401, headers={"X-Error-Message": message})
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(/revision/[^/]+)?", path):
            return self._info(found[1])
        if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/[^/]+", path):
            return self._tree(found[1])
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            return self._file(found[1], found[2])
        return self._reply(404)

    def _info(self, repo: str) -> None:
        if repo not in self.state.repos:
            return self._reply(404, headers={"X-Error-Code": "RepoNotFound"})
        return self._json(
            {
                "id": repo,
                "modelId": repo,
                "sha": COMMIT,
                "siblings": [],
                "cardData": {"license": "apache-2.0"},
            }
        )

    def _tree(self, repo: str) -> None:
        files = sorted(self.state.repos[repo].iterdir())
        return self._json(
            [
                {"type": "file", "path": one.name, "size": one.stat().st_size, "oid": _etag(one)}
                for one in files
            ]
        )

    def _file(self, repo: str, name: str) -> None:
        if repo not in self.state.repos:
            return self._reply(404, headers={"X-Error-Code": "RepoNotFound"})
        if repo in self.state.gated:
            return self._reply(403, headers={"X-Error-Code": "GatedRepo"})
        file = self.state.repos[repo] / name
        if not file.is_file():
            return self._reply(404, headers={"X-Error-Code": "EntryNotFound"})
        content = file.read_bytes()
        headers = {"ETag": f'"{_etag(file)}"', "X-Repo-Commit": COMMIT}
        if self.state.damaged:
            content = content[:-1] + bytes([content[-1] ^ 1])
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(found[1]), int(found[2] or len(content) - 1)
            self.state.resumed += [start] if start else []
            return self._reply(206, content[start : end + 1], headers)
        if self.command == "GET":
            self.state.sent.append(name)
            if self.state.breaks is not None:
                end, self.state.breaks = self.state.breaks, None
                self.close_connection = True
                return self._reply(200, content, headers, end)
        return self._reply(200, content, headers)

    def _json(self, content: object) -> None:
        self._reply(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _reply(
        self,
        status: int,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        end: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:end])


def _etag(file: Path) -> str:
    """Large files have a SHA-256, small ones something shorter."""
    content = file.read_bytes()
    if file.suffix == ".gguf":
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(content).hexdigest()
