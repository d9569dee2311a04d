"""One request to an OpenAI-compatible server, whole or as a stream."""

import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from inspect import signature
from typing import Any

from openai import AsyncOpenAI
from openai.resources.chat.completions import AsyncCompletions

from core.llms.base import Completion, Sampling, Usage
from core.llms.openai.answers import Pieces, from_json, read_whole, usage_of
from core.llms.openai.errors import ERRORS, TryError, cut_off, explain, try_error
from core.llms.openai.frame import Frame
from core.llms.openai.patience import Patience
from core.llms.openai.server import Server

_LOG = logging.getLogger(__name__)
_KNOWN = frozenset(signature(AsyncCompletions.create).parameters) - {
    "self",
    "messages",
    "model",
    "stream",
    "extra_headers",
    "extra_query",
    "extra_body",
    "timeout",
}
"""Parameters of a request; of the others some command the client library, which a caller's own
request must not do: it could send headers of its own with the operator's key."""
_NOT_THE_CALLERS = {"max_tokens", "stream_options"}
"""Parameters that stand for nothing that a caller asked for by this name."""
_AZURE_QUERY = {"api-version": "2024-10-21"}
"""What an address of a deployment has to be asked with; the last version that is no preview."""


def make_client(server: Server) -> AsyncOpenAI:
    """A client that never tries again by itself, because every try has to be counted."""
    client = AsyncOpenAI(
        api_key=server.key,
        base_url=server.base_url,
        # How long is waited for what, ``Patience`` decides.
        timeout=None,
        max_retries=0,
        # Headers that the environment adds must not make the operator pay for a visitor's key.
        default_headers=_headers(server),
        default_query=_AZURE_QUERY if server.is_azure_deployment else None,
    )
    if not server.from_environment:
        # The environment's account has nothing to do with a visitor's key.
        client.organization = client.project = None
    return client


def _headers(server: Server) -> dict[str, str]:
    headers = {} if server.from_environment else {"Authorization": f"Bearer {server.key}"}
    if server.is_azure:
        headers["api-key"] = server.key
    return headers


class Caller:
    """Asks one model with one sampling."""

    def __init__(
        self, client: AsyncOpenAI, server: Server, model: str, sampling: Sampling, timeout_s: float
    ) -> None:
        self._client = client
        self._server = server
        self._model = model
        self._sampling = sampling
        self._timeout_s = timeout_s
        self._patience = Patience(timeout_s)
        self._left_out = set(sampling.unsent)

    async def ask(
        self, message: str, frame: Frame | None, on_text: Callable[[str], None] | None
    ) -> Completion:
        """Send one message and return the answer, without its time.

        Args:
            message: The user's.
            frame: What a caller's own request has around it.
            on_text: Gets each piece of the answer as it comes; None for an answer in one piece.

        Raises:
            TryError: there is no answer.
        """
        options = self._options(frame, stream=on_text is not None)
        # Without any limit of its tokens nobody could say what an answer costs at most.
        optional = frozenset(options) - {"max_completion_tokens"}
        if frame is not None:
            # What a caller's own request says is for that caller to mend, and no other's loss.
            optional &= _NOT_THE_CALLERS
        before = () if frame is None else frame.before
        asked = [*before, {"role": "user", "content": message}]
        request = self._request(asked, options)
        if on_text is None:
            return await self._whole(request, optional)
        return await self._streamed(request, optional, on_text)

    def leave_out(self, parameters: Iterable[str]) -> None:
        """Send parameters no more, because the server does not take them for this model."""
        for parameter in sorted(set(parameters) - self._left_out):
            _LOG.warning("%s does not take %s; going on without it.", self._model, parameter)
            self._left_out.add(parameter)

    def _options(self, frame: Frame | None, *, stream: bool) -> dict[str, Any]:
        sampling = self._sampling
        options: dict[str, Any] = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
        }
        if sampling.seed is not None:
            options["seed"] = sampling.seed
        if frame is not None:
            options = dict(frame.options)
        if "max_tokens" in self._left_out and "max_tokens" in options:
            # OpenAI's models that reason know the limit under this name alone.
            options["max_completion_tokens"] = options["max_tokens"]
        if stream:
            options["stream_options"] = {"include_usage": True}
        return {name: value for name, value in options.items() if name not in self._left_out}

    async def _whole(self, request: dict[str, Any], optional: frozenset[str]) -> Completion:
        response: Any = None
        try:
            async with self._patience.waiting() as heard:
                response = await self._client.chat.completions.create(**request)
                heard()
            return read_whole(response, self._model)
        except ERRORS as error:
            raise self._explain(error, optional, usage_of(response)) from None

    async def _streamed(
        self, request: dict[str, Any], optional: frozenset[str], on_text: Callable[[str], None]
    ) -> Completion:
        pieces = Pieces(self._model)
        try:
            # What the hook raises must not be taken for an error of the server.
            async with aclosing(self._texts(request, optional, pieces)) as texts:
                async for text in texts:
                    on_text(text)
        except TryError as error:
            # Once the answer has ended, only the count of its tokens can be missing.
            if pieces.ended is None:
                if pieces.text:
                    raise cut_off(self._server, len(pieces.text), pieces.usage) from None
                raise error from None
        if not pieces.sound:
            raise try_error("malformed", self._server)
        if not pieces.complete:
            raise cut_off(self._server, len(pieces.text), pieces.usage)
        return pieces.completion()

    async def _texts(
        self, request: dict[str, Any], optional: frozenset[str], pieces: Pieces
    ) -> AsyncGenerator[str, None]:
        """The texts of a stream as they are put together; TryError when it breaks."""
        try:
            async with self._patience.waiting() as heard:
                raw = await self._client.chat.completions.with_raw_response.create(
                    stream=True, **request
                )
                async for part in _parts(raw):
                    heard()
                    if text := pieces.add(part):
                        yield text
        except ERRORS as error:
            raise self._explain(error, optional, pieces.usage) from None

    def _request(self, messages: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in options.items() if name in _KNOWN}
        # What the client library does not know by name is for the server all the same.
        more = {name: value for name, value in options.items() if name not in _KNOWN}
        extra = {"extra_body": more} if more else {}
        return {"model": self._model, "messages": messages, **known, **extra}

    def _explain(self, error: Exception, optional: frozenset[str], usage: Usage) -> TryError:
        told = explain(error, self._server, self._model, self._timeout_s, optional)
        told.usage = usage
        return told


async def _parts(raw: Any) -> AsyncGenerator[Any, None]:
    """The parts of an answer; one where a server sends it whole although it should stream."""
    if "json" in raw.headers.get("content-type", ""):
        yield from_json((await raw.http_response.aread()).decode(errors="replace"))
        return
    async with raw.parse() as chunks:
        async for chunk in chunks:
            yield chunk
