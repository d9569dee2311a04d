"""What the server of the page does not answer."""

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_CLOSED = ("/gradio_api/deep_link", "/deep_link")
"""Gradio's links that restore a page: they write a visitor's inputs to a file for anyone."""


class ClosedPaths:
    """Answer 404 where Gradio would hand out a visitor's inputs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything else on."""
        path = str(scope.get("path", "")).rstrip("/")
        asks = scope["type"] == "http" and path.endswith(_CLOSED)
        if asks or b"deep_link=" in scope.get("query_string", b""):
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


MIDDLEWARE = [Middleware(ClosedPaths)]
