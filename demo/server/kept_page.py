"""The page written once and kept: Gradio copies and writes all of it anew for each visitor."""

import gzip
import re
from collections import OrderedDict
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.server.preview import with_preview

_PATHS = ("/", "/config")
_READ_HEADERS = ("x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
"""What Gradio reads of a request besides its address, to learn under which address it is seen
(``gradio.route_utils.get_request_origin``)."""
_PERSONAL_HEADERS = ("authorization", "cookie")
_READ_PARAMETERS = {"page", "deep_link"}
"""All other parameters are read in the browser, or by events."""
_MOST_KEPT = 16
"""Ways to the page, each some 300 kB; of more, the one that was longest unused is let go."""
_REFUSED = re.compile(r"q=0(\.0*)?")
_Way = tuple[str | None, ...]


@dataclass(frozen=True)
class _Written:
    """A page as it was sent: its start, and its body as it is and zipped."""

    start: Message
    body: bytes
    zipped: bytes


class KeptPage:
    """Answer the page and its configuration from memory once they were made.

    They are the same for everybody who comes by the same address. Whoever may be logged in, and
    any request that is not for the plain page, is passed on.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: OrderedDict[_Way, _Written] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is kept, else let it be made and keep it."""
        way = _way(scope)
        if way is None:
            await self._app(scope, receive, send)
            return
        written = self._kept.get(way)
        if written is None:
            sent: list[Message] = []

            async def listen(message: Message) -> None:
                sent.append(message)

            await self._app(scope, receive, listen)
            if not _is_whole_page(sent):
                for message in sent:
                    await send(message)
                return
            written = _write(sent)
            self._keep(way, written)
        self._kept.move_to_end(way)
        await _send(written, scope, send)

    def _keep(self, way: _Way, written: _Written) -> None:
        self._kept[way] = written
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)


def _way(scope: Scope) -> _Way | None:
    """What a page may depend on, None where the request is for something else or for a person."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in _PATHS:
        return None
    request = Request(scope)
    if any(name in request.headers for name in _PERSONAL_HEADERS):
        return None
    if not _READ_PARAMETERS.isdisjoint(QueryParams(scope["query_string"])):
        return None
    address = str(request.url.replace(query=""))
    return address, scope.get("root_path"), *map(request.headers.get, _READ_HEADERS)


def _is_whole_page(sent: list[Message]) -> bool:
    """Whether an answer is a page that everybody may be sent."""
    if [message["type"] for message in sent] != ["http.response.start", "http.response.body"]:
        return False
    headers = MutableHeaders(raw=sent[0]["headers"])
    personal = "set-cookie" in headers or "content-encoding" in headers
    return sent[0]["status"] == 200 and not sent[1].get("more_body") and not personal


def _write(sent: list[Message]) -> _Written:
    body = with_preview(sent[1]["body"].decode()).encode()
    headers = MutableHeaders(raw=list(sent[0]["headers"]))
    headers["Content-Length"] = str(len(body))
    return _Written({**sent[0], "headers": headers.raw}, body, gzip.compress(body, mtime=0))


async def _send(written: _Written, scope: Scope, send: Send) -> None:
    """Send the body zipped to whoever reads that; Gradio zips files alone."""
    start = dict(written.start)
    headers = MutableHeaders(raw=list(start["headers"]))
    headers.add_vary_header("Accept-Encoding")
    body = written.body
    if _reads_zipped(scope):
        body = written.zipped
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
    start["headers"] = headers.raw
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _reads_zipped(scope: Scope) -> bool:
    """Whether the request names gzip, and not with the weight 0 that refuses it (RFC 9110)."""
    for named in Request(scope).headers.get("accept-encoding", "").lower().split(","):
        coding, *options = (part.strip() for part in named.split(";"))
        if coding == "gzip":
            return not any(_REFUSED.fullmatch(option) for option in options)
    return False
