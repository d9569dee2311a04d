"""A chat completion that somebody asks for: what it says, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import DataError
from core.llms.openai.frame import Frame
from core.query import check_query

_MOST_MESSAGES = 200
_REFUSED = {
    "tools": "a policy reads texts, and a call of a tool is none",
    "functions": "a policy reads texts, and a call of a function is none",
    "audio": "a policy reads texts",
}
_OURS = frozenset({"model", "messages", "stream", "stream_options", "n", "user"})
_LIMITS = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        policy: What its model is called: a policy's name, perhaps with a setting.
        query: The last message, a user's.
        frame: The messages before it and the other settings.
        max_tokens: Most tokens of an answer.
        stream: Whether the answer is wanted as it is written.
        usage: Whether a stream shall end with its tokens.
    """

    policy: str
    query: str
    frame: Frame
    max_tokens: int
    stream: bool
    usage: bool


def read_asked(body: object, usual_policy: str, usual_tokens: int) -> Asked:
    """Read the body of a request.

    Args:
        body: As JSON has it.
        usual_policy: Taken where no model is named.
        usual_tokens: Most tokens of an answer where the request does not limit them.

    Raises:
        DataError: it is no chat completion, or one that no policy can answer; the message names
            what is wrong and what is allowed.
    """
    if not isinstance(body, dict):
        raise DataError("The body is no JSON object; a chat completion has model and messages.")
    for name, why in _REFUSED.items():
        if body.get(name):
            raise DataError(f"{name} is not taken: {why}. Ask the server behind for it.")
    if body.get("n") not in (None, 1):
        raise DataError(f"n is {body['n']!r}; allowed: 1. A policy decides how often it asks.")
    policy = body.get("model") or usual_policy
    if not isinstance(policy, str):
        raise DataError(f"model is {policy!r}; a policy's name such as {usual_policy!r} is needed.")
    *before, last = _messages(body.get("messages"))
    if last.get("role") != "user":
        raise DataError(
            f"The last message is of the role {last.get('role')!r}; a user's is needed, because it "
            "is the question that prompts are chosen for."
        )
    options = {name: value for name, value in body.items() if name not in _OURS}
    limit = next((body[name] for name in _LIMITS if body.get(name) is not None), None)
    if limit is None:
        options["max_tokens"] = limit = usual_tokens
    if type(limit) is not int or limit < 1:
        raise DataError(f"max_tokens is {limit!r}; a whole number from 1 on is needed.")
    streamed = body.get("stream_options")
    return Asked(
        policy,
        check_query(_text(last.get("content"))),
        Frame(tuple(before), options),
        limit,
        body.get("stream") is True,
        isinstance(streamed, dict) and streamed.get("include_usage") is True,
    )


def _messages(messages: object) -> list[Mapping[str, Any]]:
    if not isinstance(messages, list) or not messages:
        raise DataError("messages is no list with a message in it.")
    if len(messages) > _MOST_MESSAGES:
        raise DataError(
            f"There are {len(messages):,} messages; at most {_MOST_MESSAGES} are taken."
        )
    for place, one in enumerate(messages):
        if not isinstance(one, dict):
            raise DataError(f"Message {place + 1} is no object with role and content.")
    return messages


def _text(content: object) -> str:
    """The words of a message; parts that are no text cannot be ranked for."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [None]
    texts = []
    for part in parts:
        text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        if not isinstance(text, str):
            raise DataError("The content of the last message is no text; only text is taken.")
        texts.append(text)
    return "".join(texts)
