"""A server on this machine that speaks as much of the OpenAI API as chat completions need."""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


@dataclass(frozen=True)
class Asked:
    """One request: its place in the order of arrival, its body and its Authorization header."""

    number: int
    body: dict[str, Any]
    authorization: str

    @property
    def message(self) -> str:
        """The user's."""
        return self.body["messages"][0]["content"]


@dataclass(frozen=True)
class Reply:
    """What the server does with a request.

    Attributes:
        parts: The body in pieces, each sent by itself.
        ending: ``done``; ``cut`` closes the connection before the body is complete, ``drop``
            before anything is sent.
    """

    status: int = 200
    parts: tuple[bytes, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    ending: Literal["done", "cut", "drop"] = "done"


DROPPED = Reply(ending="drop")


def completion(text: str | None, **changed: object) -> Reply:
    """A chat completion; ``changed`` replaces fields of the body, finish_reason included."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": changed.pop("finish_reason", "stop"),
    }
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m-2026-01-01",
        "choices": [choice],
        "usage": USAGE,
    }
    return raw(json.dumps({**body, **changed}))


def raw(body: str, content_type: str = "application/json", **more: Any) -> Reply:
    """Any body."""
    return Reply(parts=(body.encode(),), headers={"Content-Type": content_type}, **more)


def cut(text: str = "half of an answer") -> Reply:
    """A completion whose last part never comes."""
    whole = completion(text)
    return Reply(parts=(whole.parts[0][:-20],), headers=whole.headers, ending="cut")


def error(
    status: int,
    message: str = "no",
    *,
    code: str | None = None,
    param: str | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """An error as OpenAI words it."""
    body = {"error": {"message": message, "type": "some_error", "param": param, "code": code}}
    return Reply(
        status,
        (json.dumps(body).encode(),),
        {"Content-Type": "application/json", **(headers or {})},
    )


def stream(
    pieces: Iterable[str],
    *,
    finish: str | None = "stop",
    usage: dict[str, int] | None = USAGE,
    extra: Iterable[str] = (),
    ending: Literal["done", "cut"] = "done",
) -> Reply:
    """A streamed completion; ``extra`` are further events, sent after the pieces as they are."""
    deltas: list[dict[str, Any]] = [{"delta": {"content": one}} for one in pieces]
    if finish is not None:
        deltas.append({"delta": {}, "finish_reason": finish})
    events = [json.dumps(_chunk([{"index": 0, **delta}], None)) for delta in deltas]
    events += extra
    if usage is not None:
        events.append(json.dumps(_chunk([], usage)))
    if ending == "done":
        events.append("[DONE]")
    parts = tuple(f"data: {event}\n\n".encode() for event in events)
    return Reply(parts=parts, headers={"Content-Type": "text/event-stream"}, ending=ending)


def _chunk(choices: list[dict[str, Any]], usage: dict[str, int] | None) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m-2026-01-01",
        "choices": choices,
        "usage": usage,
    }


class FakeOpenAI:
    """Answers requests with what ``answer`` makes of them and keeps count.

    Attributes:
        url: The base URL.
        asked: Every request so far.
        running: Requests being answered at this moment.
        most: Most requests that were ever answered at once.
    """

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.running = self.most = 0
        self._lock = threading.Lock()
        fake = self

        class Handler(_Handler):
            state = fake

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def enter(self, body: dict[str, Any], authorization: str) -> Asked:
        """Note a request that has come."""
        with self._lock:
            asked = Asked(len(self.asked), body, authorization)
            self.asked.append(asked)
            self.running += 1
            self.most = max(self.most, self.running)
            return asked

    def leave(self) -> None:
        """Note that a request is about to be answered."""
        with self._lock:
            self.running -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet about clients that have gone."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: FakeOpenAI

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = self.state.enter(body, self.headers.get("Authorization", ""))
        try:
            reply = self.state.answer(asked)
        finally:
            self.state.leave()
        self.close_connection = reply.ending != "done"
        if reply.ending == "drop":
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in reply.parts:
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        if reply.ending == "done":
            self.wfile.write(b"0\r\n\r\n")
