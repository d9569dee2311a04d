"""What servers send as an answer, whole or in pieces, in all the shapes that are about."""

import json
from collections.abc import Iterator
from typing import Any

from openai.types.chat import ChatCompletion, ChatCompletionChunk

from core.llms.base import UNKNOWN_USAGE, Completion, FinishReason, Usage

_FINISH: dict[object, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
}
_OF_A_CHOICE = ("delta", "message", "finish_reason")
_TEXT_PARTS = ("text", "output_text")


class NoAnswerError(Exception):
    """What came is no chat completion."""


class ReportedError(Exception):
    """An error in the place of an answer, sent as if all were well."""

    def __init__(self, body: object) -> None:
        super().__init__(str(body))
        self.body = body


def read_whole(response: Any, model: str) -> Completion:
    """The answer that a response holds, without its time.

    Args:
        response: As the client library read it, or the text of a stream that nobody asked for.
        model: Who was asked, where the response does not say.

    Raises:
        NoAnswerError: it is no chat completion.
        ReportedError: it tells an error.
    """
    pieces = Pieces(model)
    for part in _events(response) if isinstance(response, str) else (response,):
        pieces.add(part)
    if not pieces.complete and (isinstance(response, str) or not pieces.text):
        raise NoAnswerError
    return pieces.completion()


def from_json(text: str) -> ChatCompletion:
    """The response in a text of JSON.

    Raises:
        NoAnswerError: it is no JSON object.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise NoAnswerError from None
    if not isinstance(body, dict):
        raise NoAnswerError
    return ChatCompletion.construct(**body)


class Pieces:
    """Puts a streamed answer together.

    Attributes:
        text: What has been written so far.
        usage: Tokens as far as they were counted.
        ended: Why the answer ended, None before it has.
        sound: Whether anything was part of a chat completion.
    """

    def __init__(self, model: str) -> None:
        self.text = ""
        self.usage = UNKNOWN_USAGE
        self.ended: object = None
        self.sound = False
        self._model = model
        self._counted_last = False

    def add(self, chunk: Any) -> str:
        """Take a part and return the text in it.

        Raises:
            NoAnswerError: it is no part of a chat completion.
            ReportedError: it tells an error.
        """
        _raise_reported(chunk)
        # Some servers count in every part; the last count is the whole one.
        counted = usage_of(chunk)
        if counted.total is not None or self.usage == UNKNOWN_USAGE:
            self.usage = counted
        self._counted_last = counted.total is not None
        self._model = _name(chunk, self._model)
        choices = getattr(chunk, "choices", None)
        if not isinstance(choices, list):
            return ""
        self.sound = True
        if not choices:
            return ""
        choice = choices[0]
        if not any(hasattr(choice, name) for name in _OF_A_CHOICE):
            raise NoAnswerError
        _raise_reported(choice)
        self.ended = getattr(choice, "finish_reason", None) or self.ended
        said = getattr(choice, "delta", None) or getattr(choice, "message", None)
        piece = _text(said) or ""
        self.text += piece
        self._counted_last = self._counted_last and not piece
        return piece

    @property
    def complete(self) -> bool:
        """Whether the answer has ended: a reason was given, or its tokens were counted last."""
        return self.ended is not None or (bool(self.text) and self._counted_last)

    def completion(self) -> Completion:
        """The answer, without its time."""
        return Completion(self.text, self.usage, self._model, finish_reason=_end(self.ended))


def _events(text: str) -> Iterator[ChatCompletionChunk]:
    for line in text.splitlines():
        if not line.startswith("data:") or line.endswith("[DONE]"):
            continue
        try:
            body = json.loads(line.removeprefix("data:"))
        except (ValueError, RecursionError):
            raise NoAnswerError from None
        if isinstance(body, dict):
            yield ChatCompletionChunk.construct(**body)


def _raise_reported(part: Any) -> None:
    error = getattr(part, "error", None)
    if error:
        raise ReportedError(error)
    if getattr(part, "finish_reason", None) == "error":
        raise ReportedError(None)


def _text(said: Any) -> str | None:
    """The words of a message or of a part of one, refusals included; None without any."""
    content = getattr(said, "content", None)
    if isinstance(content, list):
        content = "".join(filter(None, map(_part, content))) or None
    if isinstance(content, str):
        return content
    refusal = getattr(said, "refusal", None)
    return refusal if isinstance(refusal, str) else None


def _part(part: object) -> str | None:
    """The text of a part; thoughts and what is no text are left out."""
    if isinstance(part, str):
        return part
    fields = part if isinstance(part, dict) else {}
    text = fields.get("text")
    return text if fields.get("type") in _TEXT_PARTS and isinstance(text, str) else None


def _name(response: Any, model: str) -> str:
    name = getattr(response, "model", None)
    return name if isinstance(name, str) and name else model


def _end(reason: object) -> FinishReason | None:
    return _FINISH.get(reason) if isinstance(reason, str) else None


def usage_of(response: Any) -> Usage:
    """The tokens that a response counts."""
    usage = getattr(response, "usage", None)
    details = getattr(usage, "prompt_tokens_details", None)
    cached = _count(getattr(details, "cached_tokens", None))
    if cached is None:
        cached = _count(getattr(usage, "prompt_cache_hit_tokens", None))
    return Usage(
        _count(getattr(usage, "prompt_tokens", None)),
        _count(getattr(usage, "completion_tokens", None)),
        cached,
        _dollars(getattr(usage, "cost", None)),
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _dollars(value: object) -> float | None:
    """What a provider says that the call cost, as OpenRouter does."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < float("inf") else None
