"""The queue is for everybody: nobody's waiting questions fill it."""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.common import LLM_EVENTS

MOST_OF_SESSION = 8
"""Questions of one visitor that may wait; a page has no more buttons that ask."""
MOST_OF_ADDRESS = 48
"""Questions from one address that may wait: a full class room and a proxy have one together."""
_BY_NUMBER, _BY_NAME = "/queue/join", "/call/"
"""Ways into the queue: the page gives an event's number, programs its name."""


class FairQueue:
    """Answer 429 to a question of whoever has too many waiting for an LLM.

    Behind a proxy addresses are those that ``FORWARDED_ALLOW_IPS`` lets Uvicorn believe.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything else on."""
        if not _joins(scope):
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        asked = _read(body)
        refusal = ""
        if _may_ask(scope, asked):
            session = asked.get("session_hash")
            refusal = _refusal(_waiting(scope["app"]), Request(scope), session)
        if refusal:
            await JSONResponse({"detail": refusal}, status_code=429)(scope, receive, send)
            return
        await self._app(scope, replaying(body, receive), send)


def replaying(body: bytes, receive: Receive) -> Callable[[], Any]:
    """What a server receives whose request was read already."""
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return parts.pop() if parts else await receive()

    return again


def _joins(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    return any(way in scope["path"] for way in (_BY_NUMBER, _BY_NAME))


def _waiting(app: Any) -> list[Any]:
    """Gradio's events that wait for an LLM; those that an LLM is answering are not among them."""
    queues = app.get_blocks()._queue.event_queue_per_concurrency_id
    asking = queues.get(LLM_EVENTS["concurrency_id"])
    return [] if asking is None else asking.queue


def _read(body: bytes) -> dict[str, Any]:
    """What a request holds; nothing where it is not what Gradio would take."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _may_ask(scope: Scope, asked: dict[str, Any]) -> bool:
    """Whether a request joins an event that asks an LLM, or one that is not known."""
    path = scope["path"].rstrip("/")
    name = None if path.endswith(_BY_NUMBER) else path.rsplit("/", 1)[-1]
    for number, event in scope["app"].get_blocks().fns.items():
        if event.api_name == name if name else number == asked.get("fn_index"):
            return event.concurrency_id == LLM_EVENTS["concurrency_id"]
    return True


def _refusal(waiting: list[Any], request: Request, session: str | None) -> str:
    """What a visitor reads who has to wait before waiting; empty where there is room."""
    mine = sum(event.session_hash == session for event in waiting)
    if session and mine >= MOST_OF_SESSION:
        return f"{mine} of your questions are waiting already. Ask again when one is answered."
    address = request.client and request.client.host
    near = sum(event.request.client and event.request.client.host == address for event in waiting)
    if near >= MOST_OF_ADDRESS:
        return f"{near} questions from your network are waiting already. Try again in a minute."
    return ""
