"""Why a try at an OpenAI-compatible server failed, and what the user is told."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import httpx2
import openai

from core.llms.base import UNKNOWN_USAGE, Failure, Usage
from core.llms.failures import CONSEQUENCES, FailureKind
from core.llms.openai.answers import NoAnswerError, ReportedError
from core.llms.openai.parameters import refused_parameters
from core.llms.openai.retired import CHEAP_ALTERNATIVE, RETIRED
from core.llms.openai.server import URL_VARIABLE, Server
from core.llms.openai.waits import wait_asked_for

ERRORS = (
    openai.APIError,
    httpx2.RequestError,
    ValueError,
    RecursionError,
    TimeoutError,
    NoAnswerError,
    ReportedError,
)
"""What a request raises: errors of the client library and of HTTP, and those of reading."""

_TEXTS: Mapping[str, tuple[FailureKind, str]] = MappingProxyType(
    {
        # The server's text is not quoted there, since it repeats parts of the key.
        "bad key": (
            "bad key",
            "{server} does not accept the API key. It may be mistyped, revoked or another "
            "provider's: check {key}.",
        ),
        "not allowed": (
            "bad key",
            "{server} does not let this account use {model}{said}. Check the rights of {key}.",
        ),
        "no credit": (
            "no credit",
            "The account of {key} at {server} has no credit left, or its limit is reached. Add "
            "credit in the provider's billing settings, or use another key.",
        ),
        "retired model": (
            "retired model",
            "{reason} The model is a setting everywhere: choose {others}, any other "
            "`openai:MODEL`, or set {address} to a server that still has it.",
        ),
        "not found": (
            "not found",
            "{server} has no model {model!r}{said}. Check the name after `openai:`, and that "
            "{address} is the whole address, most often ending in /v1.",
        ),
        "too long": (
            "bad request",
            "{server} refused the request{said}. Shorten the question or the prompt, or lower the "
            "token limit.",
        ),
        "bad request": (
            "bad request",
            "{server} refused the request{said}. Change the question or the settings, or choose "
            "another model.",
        ),
        "unsendable": (
            "bad request",
            "The message has characters that cannot be sent. Retype it.",
        ),
        "unsupported": ("bad request", "{server} does not take {parameter} for {model}."),
        "rate limit": (
            "rate limit",
            "{server} gets more requests from this account than it allows. Wait a minute, or "
            "choose a policy with fewer calls.",
        ),
        "server error": (
            "server error",
            "{server} has a problem of its own{said}. Try again later.",
        ),
        "no connection": (
            "no connection",
            "{server} cannot be reached. Check the network, and that {address} is the address of "
            "a running server.",
        ),
        "time-out": (
            "time-out",
            "{server} did not answer within {seconds:g} seconds. Try again later, or lower the "
            "token limit.",
        ),
        "cut off": (
            "cut off",
            "The connection to {server} broke off{after} before the answer was complete. Ask "
            "again.",
        ),
        "malformed": (
            "malformed",
            "{server} sent something that is no chat completion. If that goes on, check that "
            "{address} is the address of an OpenAI-compatible server, most often ending in /v1.",
        ),
    }
)
"""What can go wrong: the kind of failure, and the words for the user."""

_STATUS = MappingProxyType(
    {
        401: "bad key",
        402: "no credit",
        403: "not allowed",
        408: "time-out",
        409: "server error",
        429: "rate limit",
    }
)
"""What a status says by itself; 500 and above are server errors."""
_NO_CREDIT = {"insufficient_quota", "billing_not_active", "billing_hard_limit_reached"}
_SAYS_RETIRED = re.compile(
    r"deprecated|shut ?down|retired|decommissioned|sunset"
    r"|no longer (available|supported|accessible)",
    re.IGNORECASE,
)
_STATUS_OF_NAME = MappingProxyType(
    {
        "authentication_error": 401,
        "invalid_api_key": 401,
        "permission_error": 403,
        "model_not_found": 404,
        "not_found_error": 404,
        "timeout": 408,
        "timeout_error": 408,
        "rate_limit_exceeded": 429,
        "rate_limit_error": 429,
        "insufficient_quota": 429,
        "invalid_request_error": 400,
        "context_length_exceeded": 400,
        "unsupported_parameter": 400,
        "unsupported_value": 400,
    }
)
"""The status that a named error would have had; servers report some after a status of 200."""
LONGEST_WAIT_S = 60.0
"""Longest that a server is waited for before it is asked again."""


class TryError(Exception):
    """One try that brought no answer.

    Attributes:
        failure: What the user is told if no other try follows.
        usage: Tokens that the provider reported all the same.
        again: Whether another try may help.
        wait_s: Seconds that the server wants to be left alone, None when it did not say.
        parameters: Parameters of the request that the server does not take; none when something
            else was wrong.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.usage = UNKNOWN_USAGE
        self.again = CONSEQUENCES[failure.kind].retried
        self.wait_s: float | None = None
        self.parameters: frozenset[str] = frozenset()


def try_error(what: str, server: Server, **words: object) -> TryError:
    """The error of a try.

    Args:
        what: Which of the texts above.
        server: Whom it asked.
        words: What else the text names.
    """
    kind, text = _TEXTS[what]
    known = {"server": server.name, "key": server.key_name, "address": URL_VARIABLE}
    return TryError(Failure(kind, text.format(**known | words)))


def cut_off(server: Server, written: int = 0, usage: Usage = UNKNOWN_USAGE) -> TryError:
    """The response ended early, after so many characters of the answer."""
    after = f" after {written:,} characters" if written else ""
    error = try_error("cut off", server, after=after)
    error.usage = usage
    # Text that somebody has seen cannot be taken back, and a second answer would differ.
    error.again = not written
    return error


def explain(
    error: Exception, server: Server, model: str, timeout_s: float, sent: frozenset[str]
) -> TryError:
    """Say what went wrong.

    Args:
        error: One of ``ERRORS``.
        server: Whom it asked.
        model: For which model.
        timeout_s: How long it waits, in seconds.
        sent: Names of the parameters of the request.
    """
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError):
        return try_error("time-out", server, seconds=timeout_s)
    if isinstance(error, openai.APIConnectionError | httpx2.RequestError):
        return _connection(error.__cause__ or error, server)
    if isinstance(error, NoAnswerError | openai.APIResponseValidationError):
        return try_error("malformed", server)
    if isinstance(error, ReportedError):
        request = httpx2.Request("POST", server.base_url)
        error = openai.APIError(str(error.body), request, body=error.body)
    if isinstance(error, openai.APIError):
        return _refusal(error, server, model, timeout_s, sent)
    if isinstance(error, UnicodeEncodeError):
        return try_error("unsendable", server)
    return try_error("malformed", server)


def _connection(cause: BaseException, server: Server) -> TryError:
    if isinstance(cause, httpx2.DecodingError):
        return try_error("malformed", server)
    if isinstance(cause, httpx2.ReadError | httpx2.WriteError | httpx2.RemoteProtocolError):
        return cut_off(server)
    return try_error("no connection", server)


def _refusal(
    error: openai.APIError,
    server: Server,
    model: str,
    timeout_s: float,
    sent: frozenset[str],
) -> TryError:
    status, said = _status(error), _quoted(error, server)
    what = _STATUS.get(status, "server error" if status >= 500 else None)
    if _codes(error) & _NO_CREDIT and what not in ("bad key", "not allowed"):
        what = "no credit"
    if what is not None:
        if what == "server error" and isinstance(error, openai.APIStatusError):
            said = f" (status {status}){said}"
        told = try_error(what, server, model=model, said=said, seconds=timeout_s)
        if what in ("rate limit", "server error"):
            _wait_for(told, error, server)
        return told
    if parameters := refused_parameters(error, status, _text(error), sent):
        named = " and ".join(sorted(parameters))
        told = try_error("unsupported", server, model=model, parameter=named)
        told.parameters = parameters
        return told
    trouble = _model_trouble(error, server, model, missing=status in (404, 410))
    return trouble or _bad_request(error, server)


def _status(error: openai.APIError) -> int:
    """The status of a response; of an error that a server reports after one of 200, its own."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code
    for said in (error.code, error.type, _field(error, "status"), _field(error, "code")):
        if str(said).isdecimal() and 400 <= int(str(said)) <= 599:
            return int(str(said))
        if str(said) in _STATUS_OF_NAME:
            return _STATUS_OF_NAME[str(said)]
    return 500


def _field(error: openai.APIError, name: str) -> object:
    return error.body.get(name) if isinstance(error.body, dict) else None


def _wait_for(told: TryError, error: openai.APIError, server: Server) -> None:
    """Note how long the server wants to be left alone; if that is too long, why nobody waits."""
    response = getattr(error, "response", None)
    told.wait_s = wait_asked_for({} if response is None else response.headers, _text(error))
    if told.wait_s is not None and told.wait_s > LONGEST_WAIT_S:
        told.again = False
        told.failure = replace(
            told.failure,
            message=f"{told.failure.message} {server.name} asks to wait {told.wait_s:,.0f} "
            f"seconds, longer than the {LONGEST_WAIT_S:g} that are waited here.",
        )


def _model_trouble(
    error: openai.APIError, server: Server, model: str, *, missing: bool
) -> TryError | None:
    """The error for a model that is not there, None when that is not what is wrong."""
    said = _text(error)
    missing = missing or "model_not_found" in _codes(error)
    about_model = missing or ("model" in said.lower() and error.param in (None, "model"))
    if (missing and model in RETIRED) or (about_model and _SAYS_RETIRED.search(said)):
        return _retired(server, model)
    if missing:
        return try_error("not found", server, model=model, said=_quoted(error, server))
    return None


def _retired(server: Server, model: str) -> TryError:
    """The model was there once."""
    reason = f"{server.name} has retired {model}."
    alternatives = [CHEAP_ALTERNATIVE]
    if model in RETIRED:
        day, successor = RETIRED[model]
        reason = f"{server.name} no longer has {model}, which OpenAI lists as shut down on {day}."
        alternatives.insert(0, successor)
    others = " or ".join(f"`openai:{name}`" for name in alternatives)
    return try_error("retired model", server, reason=reason, others=others)


def _bad_request(error: openai.APIError, server: Server) -> TryError:
    too_long = "context_length_exceeded" in _codes(error) or "context length" in _text(error)
    what = "too long" if too_long else "bad request"
    return try_error(what, server, said=_quoted(error, server))


def _codes(error: openai.APIError) -> set[str]:
    """Its machine-readable names; servers differ in which field they put them."""
    return {str(error.code), str(error.type)}


def _text(error: openai.APIError) -> str:
    """What the server wrote, as far as it is meant for people."""
    body = error.body
    if isinstance(body, dict):
        # A router says more closely what the provider behind it said.
        behind = body.get("metadata")
        raw = behind.get("raw") if isinstance(behind, dict) else None
        if isinstance(raw, str) and raw:
            return f"{body.get('message')}: {raw}"
        return str(body.get("message") or body.get("detail") or body.get("error") or body)
    # Proxies in between answer with whole pages.
    return "" if body is None or str(body).lstrip().startswith("<") else str(body)


def _quoted(error: openai.APIError, server: Server) -> str:
    said = server.quote(_text(error)).rstrip(".")
    return f' ("{said}")' if said else ""
