"""The server: `/v1/chat/completions`, `/v1/models` and `/usage`, as the OpenAI API has them."""

import asyncio
import hmac
import json
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from core.asking.solve import Answer
from core.errors import DataError, PromptOIRLError, UnknownNameError
from core.llms.base import Control, LLMError, SpendingLimit
from core.llms.failures import FailureKind
from core.serving.asked import Asked, read_asked
from core.serving.service import Service, hashed

MOST_AT_ONCE = 256
"""Requests that are worked on; further ones wait."""
_LONGEST_BODY = 4_000_000
_LOOK_S = 0.5
"""Seconds between two looks at whether a client has left."""
ALIVE_S = 10.0
"""Seconds without a word after which a stream says that it is alive."""
_STATUS: dict[FailureKind, int] = {
    "bad key": 401,
    "not found": 404,
    "retired model": 404,
    "rate limit": 429,
    "no credit": 429,
    "bad request": 400,
    "time-out": 504,
}
"""The status of a failure behind; of all others it is 502."""


@dataclass
class _Turn:
    """One request while it is worked on in a thread: what is written, and whether to stop."""

    loop: asyncio.AbstractEventLoop
    pieces: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    left: threading.Event = field(default_factory=threading.Event)

    def control(self, *, live: bool) -> Control:
        """Passes pieces on where they are wanted; stops once the client has left."""
        return Control(on_text=self._tell if live else None, cancelled=self.left.is_set)

    def _tell(self, position: int, piece: str) -> None:
        self.loop.call_soon_threadsafe(self.pieces.put_nowait, piece)


def create(service: Service, *, policy: str, max_tokens: int, access_key: str = "") -> FastAPI:
    """Make the app.

    Args:
        service: Answers.
        policy: Of requests that name no model.
        max_tokens: Most tokens of an answer to a request that names no limit.
        access_key: What clients have to show; empty where everybody may ask.
    """
    app = FastAPI(title="Prompt-OIRL", docs_url=None, redoc_url=None, openapi_url=None)
    limiter = CapacityLimiter(MOST_AT_ONCE)

    @app.get("/v1/models")
    def models(request: Request) -> Response:
        if refusal := _refused(request, access_key):
            return refusal
        rows = [
            {"id": name, "object": "model", "owned_by": "prompt-oirl"} for name in service.models
        ]
        return JSONResponse({"object": "list", "data": rows})

    @app.get("/usage")
    def usage(request: Request) -> Response:
        return _refused(request, access_key) or JSONResponse(service.books.plain())

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        if refusal := _refused(request, access_key):
            return refusal
        try:
            asked = read_asked(await _body(request), policy, max_tokens)
            service.policy(asked.policy)
        except PromptOIRLError as problem:
            return _error(problem)
        turn = _Turn(asyncio.get_running_loop())
        key = "" if access_key else _key(request)
        client = hashed(key or (request.client.host if request.client else ""))
        live = asked.stream and service.asks_once(asked.policy)
        work = partial(service.answer, asked, key, client, turn.control(live=live))
        task = asyncio.ensure_future(to_thread.run_sync(work, limiter=limiter))
        # Of a client that has left nobody asks how it ended.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        if asked.stream:
            await _begun(task, turn)
            # What fails before anything is written has a status of its own.
            if not task.done() or task.exception() is None:
                events = _events(task, turn, asked)
                return StreamingResponse(events, media_type="text/event-stream")
        return await _whole(task, turn, request, asked)

    return app


async def _body(request: Request) -> object:
    """What a request holds, None where that is no JSON; DataError where it is too much."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > _LONGEST_BODY:
            raise DataError(f"The request has more than {_LONGEST_BODY:,} bytes.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _key(request: Request) -> str:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""


def _refused(request: Request, access_key: str) -> Response | None:
    """The answer to somebody who does not show the key that clients need; None to others."""
    if not access_key or hmac.compare_digest(_key(request).encode(), access_key.encode()):
        return None
    text = "This server answers those who show its key, as `Authorization: Bearer KEY`."
    return JSONResponse({"error": _described(text, "bad_key")}, status_code=401)


async def _begun(task: "asyncio.Future[Answer]", turn: _Turn) -> None:
    """Wait for the first piece, the end, or until a client wants to hear something."""
    first = asyncio.ensure_future(turn.pieces.get())
    ends: set[asyncio.Future[Any]] = {task, first}
    await asyncio.wait(ends, timeout=ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
    if first.done():
        # Back to its place: nothing else has been read yet.
        later = [turn.pieces.get_nowait() for _ in range(turn.pieces.qsize())]
        for piece in (first.result(), *later):
            turn.pieces.put_nowait(piece)
    else:
        first.cancel()


async def _whole(
    task: "asyncio.Future[Answer]", turn: _Turn, request: Request, asked: Asked
) -> Response:
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_S)
            if not task.done() and await request.is_disconnected():
                turn.left.set()
        answer = task.result()
    except PromptOIRLError as problem:
        return _error(problem)
    finally:
        turn.left.set()
    message = {"role": "assistant", "content": answer.text}
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer)}
    return JSONResponse(
        _envelope(asked, "chat.completion")
        | {"choices": [choice], "usage": _usage(answer), "prompt_oirl": _told(answer)}
    )


async def _events(task: "asyncio.Future[Answer]", turn: _Turn, asked: Asked) -> AsyncIterator[str]:
    """The parts of a stream; leaving it stops the calls."""
    head = _envelope(asked, "chat.completion.chunk")

    def part(delta: dict[str, str], finish: str | None = None, **more: object) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event(head | {"choices": [choice]} | more)

    written = False
    try:
        yield part({"role": "assistant", "content": ""})
        async for piece in _pieces(task, turn):
            if piece is None:
                yield ": working\n\n"
                continue
            written = True
            yield part({"content": piece})
        answer = task.result()
        if not written and answer.text:
            yield part({"content": answer.text})
        yield part({}, _finish(answer), prompt_oirl=_told(answer))
        if asked.usage:
            yield _event(head | {"choices": [], "usage": _usage(answer)})
        yield "data: [DONE]\n\n"
    except PromptOIRLError as problem:
        yield _event({"error": _described(str(problem), _kind(problem))})
    finally:
        turn.left.set()


async def _pieces(task: "asyncio.Future[Answer]", turn: _Turn) -> AsyncIterator[str | None]:
    """What is written until the end; None now and then while nothing is."""
    while True:
        get = asyncio.ensure_future(turn.pieces.get())
        ends: set[asyncio.Future[Any]] = {task, get}
        done, _ = await asyncio.wait(ends, timeout=ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
        if get in done:
            yield get.result()
            continue
        get.cancel()
        if task not in done:
            yield None
            continue
        while not turn.pieces.empty():
            yield turn.pieces.get_nowait()
        return


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"


def _envelope(asked: Asked, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": asked.policy,
    }


def _finish(answer: Answer) -> str:
    return "length" if answer.is_cut else "stop"


def _usage(answer: Answer) -> dict[str, int]:
    """Tokens of all calls; those that nobody counted are left out."""
    prompt = sum(entry.prompt_tokens or 0 for entry in answer.entries)
    completion = sum(entry.completion_tokens or 0 for entry in answer.entries)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _told(answer: Answer) -> dict[str, Any]:
    """What a policy did, in a field of its own that other clients do not mind."""
    return {
        "prompt_id": answer.prompt.id,
        "calls": len(answer.calls),
        "votes": answer.votes,
        "value": answer.value,
        "dollars": answer.cost.dollars,
        "dollars_are_a_bound": answer.cost.bound,
    }


def _kind(problem: PromptOIRLError) -> str:
    if isinstance(problem, SpendingLimit):
        return "spending_limit"
    return problem.kind.replace(" ", "_") if isinstance(problem, LLMError) else "bad_request"


def _described(text: str, kind: str) -> dict[str, Any]:
    return {"message": text, "type": kind, "param": None, "code": kind}


def _error(problem: PromptOIRLError) -> Response:
    status = 429 if isinstance(problem, SpendingLimit) else 400
    if isinstance(problem, UnknownNameError):
        status = 404
    if isinstance(problem, LLMError):
        status = _STATUS.get(problem.kind, 502)
    return JSONResponse({"error": _described(str(problem), _kind(problem))}, status_code=status)
