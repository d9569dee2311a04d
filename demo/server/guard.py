"""What the server of the page does not answer, and what it answers without Gradio."""

import json

from starlette.datastructures import QueryParams
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from demo.server.fair_queue import FairQueue, replaying
from demo.server.kept_page import KeptPage

_CLOSED = ("/gradio_api/deep_link", "/deep_link")
"""Gradio's links that restore a page: they write a visitor's inputs to a file for anyone."""

_REMOTE = ("http:", "https:")


class ClosedPaths:
    """Answer 404 where Gradio would hand out a visitor's inputs, and for a page there is not.

    This app has one page, whose name is empty; Gradio looks another up and fails.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything else on."""
        path = str(scope.get("path", "")).rstrip("/")
        asks = scope["type"] == "http" and path.endswith(_CLOSED)
        parameters = QueryParams(scope.get("query_string", b""))
        if asks or "deep_link" in parameters or any(parameters.getlist("page")):
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class NoRemoteFiles:
    """Refuse a file named by its address: Gradio would fetch it whole, however large it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read what is posted, uploads excepted, and pass it on unless it names such a file."""
        path = str(scope.get("path", "")).rstrip("/")
        if scope["type"] != "http" or scope["method"] != "POST" or path.endswith("/upload"):
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        if _names_remote_file(body):
            said = "A file has to be uploaded; an address is not fetched."
            await PlainTextResponse(said, status_code=400)(scope, receive, send)
            return
        await self._app(scope, replaying(body, receive), send)


def _names_remote_file(body: bytes) -> bool:
    """Whether a JSON text holds Gradio's record of a file with an address in place of a path."""
    try:
        found = [json.loads(body)]
    except (ValueError, RecursionError):
        return False
    while found:
        value = found.pop()
        if isinstance(value, dict):
            path = value.get("path")
            if isinstance(path, str) and path.lower().startswith(_REMOTE):
                return True
            found += value.values()
        elif isinstance(value, list):
            found += value
    return False


MIDDLEWARE = [Middleware(each) for each in (ClosedPaths, NoRemoteFiles, FairQueue, KeptPage)]
