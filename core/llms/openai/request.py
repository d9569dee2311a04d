"""One request to an OpenAI-compatible server, whole or as a stream."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from openai import AsyncOpenAI

from core.llms.base import UNKNOWN_USAGE, Completion, FinishReason, Sampling, Usage
from core.llms.openai.errors import ERRORS, TryError, cut_off, explain, try_error
from core.llms.openai.server import Server

_LOG = logging.getLogger(__name__)
_FINISH: dict[object, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
}


def make_client(server: Server, timeout_s: float) -> AsyncOpenAI:
    """A client that never tries again by itself, because every try has to be counted."""
    client = AsyncOpenAI(
        api_key=server.key,
        base_url=server.base_url,
        timeout=timeout_s,
        max_retries=0,
        # Headers that the environment adds must not make the operator pay for a visitor's key.
        default_headers=None if server.from_environment else _authorization(server),
    )
    if not server.from_environment:
        # The environment's account has nothing to do with a visitor's key.
        client.organization = client.project = None
    return client


def _authorization(server: Server) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.key}"}


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
        self._left_out: set[str] = set()

    async def ask(self, message: str, on_text: Callable[[str], None] | None) -> Completion:
        """Send one message and return the answer, without its time.

        Args:
            message: The user's.
            on_text: Gets each piece of the answer as it comes; None for an answer in one piece.

        Raises:
            TryError: there is no answer.
        """
        options = self._options(stream=on_text is not None)
        if on_text is None:
            return await self._whole(message, options)
        return await self._streamed(message, options, on_text)

    def leave_out(self, parameter: str) -> None:
        """Send a parameter no more, because the server does not take it for this model."""
        if parameter not in self._left_out:
            _LOG.warning("%s does not take %s; going on without it.", self._model, parameter)
            self._left_out.add(parameter)

    def _options(self, *, stream: bool) -> dict[str, Any]:
        sampling = self._sampling
        options: dict[str, Any] = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
        }
        if "max_tokens" in self._left_out:
            # OpenAI's models that reason know the limit under this name alone.
            options["max_completion_tokens"] = sampling.max_tokens
        if sampling.seed is not None:
            options["seed"] = sampling.seed
        if stream:
            options["stream_options"] = {"include_usage": True}
        return {name: value for name, value in options.items() if name not in self._left_out}

    async def _whole(self, message: str, options: dict[str, Any]) -> Completion:
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._create(message, options)
        except ERRORS as error:
            raise self._explain(error, options) from None
        usage = _usage(response)
        try:
            choice = response.choices[0]
            text, finish = choice.message.content, _finish(choice.finish_reason)
        except (AttributeError, TypeError, LookupError):
            raise try_error("malformed", self._server, usage) from None
        if text is None and finish in ("length", "content_filter"):
            text = ""
        if not isinstance(text, str):
            raise try_error("malformed", self._server, usage)
        return Completion(text, usage, self._name(response), finish_reason=finish)

    async def _streamed(
        self, message: str, options: dict[str, Any], on_text: Callable[[str], None]
    ) -> Completion:
        text, usage, model, ended = "", UNKNOWN_USAGE, self._model, None
        try:
            async with aclosing(self._chunks(message, options)) as chunks:
                async for chunk in chunks:
                    piece, reason = self._piece(chunk)
                    # Some servers count in every chunk; the last count is the whole one.
                    usage = usage if _usage(chunk).total is None else _usage(chunk)
                    model, ended = self._name(chunk), reason or ended
                    if piece:
                        text += piece
                        on_text(piece)
        except TryError as error:
            # Once the answer has ended, only the count of its tokens can be missing.
            if ended is None:
                if text:
                    raise cut_off(self._server, len(text), usage) from None
                error.usage = usage
                raise
        if ended is None:
            raise cut_off(self._server, len(text), usage)
        return Completion(text, usage, model, finish_reason=_finish(ended))

    async def _chunks(self, message: str, options: dict[str, Any]) -> AsyncGenerator[Any, None]:
        """The parts of a stream; TryError when it cannot be begun or breaks."""
        empty = True
        try:
            async with await self._create(message, options, stream=True) as stream:
                async for chunk in stream:
                    empty = False
                    yield chunk
        except ERRORS as error:
            raise self._explain(error, options) from None
        if empty:
            raise try_error("malformed", self._server)

    def _piece(self, chunk: Any) -> tuple[str, object]:
        """Text of one part and, in the last one with text, why the answer ended."""
        try:
            if not chunk.choices:
                return "", None
            choice = chunk.choices[0]
            piece, reason = choice.delta.content, choice.finish_reason
        except (AttributeError, TypeError, LookupError):
            raise try_error("malformed", self._server) from None
        return piece if isinstance(piece, str) else "", reason

    async def _create(self, message: str, options: dict[str, Any], *, stream: bool = False) -> Any:
        return await self._client.chat.completions.create(
            model=self._model,
            messages=[{"role": "user", "content": message}],
            stream=stream,
            **options,
        )

    def _explain(self, error: Exception, options: dict[str, Any]) -> TryError:
        # Without any limit of its tokens nobody could say what an answer costs at most.
        optional = frozenset(options) - {"max_completion_tokens"}
        return explain(error, self._server, self._model, self._timeout_s, optional)

    def _name(self, response: Any) -> str:
        name = getattr(response, "model", None)
        return name if isinstance(name, str) and name else self._model


def _finish(reason: object) -> FinishReason | None:
    return _FINISH.get(reason) if isinstance(reason, str) else None


def _usage(response: Any) -> Usage:
    usage = getattr(response, "usage", None)
    return Usage(
        _count(getattr(usage, "prompt_tokens", None)),
        _count(getattr(usage, "completion_tokens", None)),
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
