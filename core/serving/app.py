"""The server: `/v1/chat/completions`, `/v1/models` and `/usage`, as the OpenAI API has them."""

import asyncio
import hmac
import json
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from core.asking.solve import Answer
from core.errors import DataError, PromptOIRLError, UnknownNameError
from core.llms.base import Control, Failure, LLMError, SpendingLimit
from core.llms.failures import FailureKind
from core.serving.asked import Asked, read_asked
from core.serving.service import Service

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
    """One request while it is worked on in a thread: what is written, and whether to stop.

    Attributes:
        pieces: Of the answer as it is written; None at its end.
        left: Whether the client has.
    """

    loop: asyncio.AbstractEventLoop
    pieces: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue)
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

    async def check_key(request: Request) -> None:
        if access_key and not hmac.compare_digest(_key(request).encode(), access_key.encode()):
            text = "This server answers those who show its key, as `Authorization: Bearer KEY`."
            raise LLMError(Failure("bad key", text))

    app = FastAPI(
        title="Prompt-OIRL",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(check_key)],
    )
    limiter = CapacityLimiter(MOST_AT_ONCE)

    @app.exception_handler(PromptOIRLError)
    async def refuse(request: Request, problem: PromptOIRLError) -> Response:
        return JSONResponse(_described(problem), status_code=_status(problem))

    @app.get("/v1/models")
    def models() -> Response:
        rows = [
            {"id": name, "object": "model", "owned_by": "prompt-oirl"} for name in service.models
        ]
        return JSONResponse({"object": "list", "data": rows})

    @app.get("/usage")
    def usage() -> Response:
        return JSONResponse(service.books.plain())

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        asked = read_asked(await _body(request), policy, max_tokens)
        service.policy(asked.policy)
        turn = _Turn(asyncio.get_running_loop())
        key = "" if access_key else _key(request)
        client = key or (request.client.host if request.client else "")
        live = asked.stream and service.asks_once(asked.policy)
        work = partial(service.answer, asked, key, client, turn.control(live=live))
        task = asyncio.ensure_future(to_thread.run_sync(work, limiter=limiter))
        # Of a client that has left nobody asks how it ended.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        task.add_done_callback(lambda ended: turn.pieces.put_nowait(None))
        if asked.stream:
            pieces = _pieces(turn)
            first = await anext(pieces, None)
            # What fails before anything is written has a status of its own.
            if not task.done() or task.exception() is None:
                events = _events(task, turn, asked, first, pieces)
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


async def _whole(
    task: "asyncio.Future[Answer]", turn: _Turn, request: Request, asked: Asked
) -> Response:
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_S)
            if not task.done() and await request.is_disconnected():
                turn.left.set()
        answer = task.result()
    finally:
        turn.left.set()
    message = {"role": "assistant", "content": answer.text}
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer)}
    return JSONResponse(
        _envelope(asked, "chat.completion")
        | {"choices": [choice], "usage": _usage(answer), "prompt_oirl": _told(answer)}
    )


async def _events(
    task: "asyncio.Future[Answer]",
    turn: _Turn,
    asked: Asked,
    piece: str | None,
    pieces: AsyncGenerator[str, None],
) -> AsyncIterator[str]:
    """The parts of a stream from its first piece and the others; leaving it stops the calls."""
    head = _envelope(asked, "chat.completion.chunk")

    def part(delta: dict[str, str], finish: str | None = None, **more: object) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event(head | {"choices": [choice]} | more)

    written = False
    try:
        yield part({"role": "assistant", "content": ""})
        while piece is not None:
            written = written or bool(piece)
            yield part({"content": piece}) if piece else ": working\n\n"
            piece = await anext(pieces, None)
        answer = task.result()
        if not written and answer.text:
            yield part({"content": answer.text})
        yield part({}, _finish(answer), prompt_oirl=_told(answer))
        if asked.usage:
            yield _event(head | {"choices": [], "usage": _usage(answer)})
        yield "data: [DONE]\n\n"
    except PromptOIRLError as problem:
        yield _event(_described(problem))
    finally:
        turn.left.set()


async def _pieces(turn: _Turn) -> AsyncGenerator[str, None]:
    """What is written until the end; an empty text now and then while nothing is."""
    while True:
        try:
            piece = await asyncio.wait_for(turn.pieces.get(), ALIVE_S)
        except TimeoutError:
            yield ""
            continue
        if piece is None:
            return
        yield piece


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


def _described(problem: PromptOIRLError) -> dict[str, Any]:
    kind = "bad_request"
    if isinstance(problem, SpendingLimit):
        kind = "spending_limit"
    elif isinstance(problem, LLMError):
        kind = problem.kind.replace(" ", "_")
    return {"error": {"message": str(problem), "type": kind, "param": None, "code": kind}}


def _status(problem: PromptOIRLError) -> int:
    if isinstance(problem, LLMError):
        return _STATUS.get(problem.kind, 502)
    if isinstance(problem, UnknownNameError):
        return 404
    return 429 if isinstance(problem, SpendingLimit) else 400
