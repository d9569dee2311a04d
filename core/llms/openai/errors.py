"""Why a try at an OpenAI-compatible server failed, and what the user is told."""

import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType

import httpx2
import openai

from core.llms.base import UNKNOWN_USAGE, Failure, Usage, now
from core.llms.failures import CONSEQUENCES, FailureKind
from core.llms.openai.retired import CHEAP_ALTERNATIVE, RETIRED
from core.llms.openai.server import URL_VARIABLE, Server

ERRORS = (openai.APIError, httpx2.RequestError, ValueError, RecursionError, TimeoutError)
"""What a request raises: errors of the client library and of HTTP, and those of reading JSON."""

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
_SAYS_UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed"
    r"|extra[ _](inputs|fields?|forbidden)",
    re.IGNORECASE,
)


class TryError(Exception):
    """One try that brought no answer.

    Attributes:
        failure: What the user is told if no other try follows.
        usage: Tokens that the provider reported all the same.
        again: Whether another try may help.
        wait_s: Seconds that the server wants to be left alone, None when it did not say.
        parameter: A parameter of the request that the server does not take, None when something
            else was wrong.
    """

    def __init__(self, failure: Failure, usage: Usage = UNKNOWN_USAGE) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.usage = usage
        self.again = CONSEQUENCES[failure.kind].retried
        self.wait_s: float | None = None
        self.parameter: str | None = None


def try_error(what: str, server: Server, usage: Usage = UNKNOWN_USAGE, **words: object) -> TryError:
    """The error of a try.

    Args:
        what: Which of the texts above.
        server: Whom it asked.
        usage: Tokens that it reported all the same.
        words: What else the text names.
    """
    kind, text = _TEXTS[what]
    known = {"server": server.name, "key": server.key_name, "address": URL_VARIABLE}
    return TryError(Failure(kind, text.format(**known | words)), usage)


def cut_off(server: Server, written: int = 0, usage: Usage = UNKNOWN_USAGE) -> TryError:
    """The response ended early, after so many characters of the answer."""
    after = f" after {written:,} characters" if written else ""
    error = try_error("cut off", server, usage, after=after)
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
    if isinstance(error, openai.APIStatusError):
        return _status(error, server, model, timeout_s, sent)
    if isinstance(error, openai.APIResponseValidationError):
        return try_error("malformed", server)
    if isinstance(error, openai.APIError):
        return _in_stream(error, server, model)
    if isinstance(error, UnicodeEncodeError):
        return try_error("unsendable", server)
    return try_error("malformed", server)


def _connection(cause: BaseException, server: Server) -> TryError:
    if isinstance(cause, httpx2.DecodingError):
        return try_error("malformed", server)
    if isinstance(cause, httpx2.ReadError | httpx2.WriteError | httpx2.RemoteProtocolError):
        return cut_off(server)
    return try_error("no connection", server)


def _status(
    error: openai.APIStatusError,
    server: Server,
    model: str,
    timeout_s: float,
    sent: frozenset[str],
) -> TryError:
    status, said = error.status_code, _quoted(error, server)
    what = _STATUS.get(status, "server error" if status >= 500 else None)
    if _codes(error) & _NO_CREDIT and what not in ("bad key", "not allowed"):
        what = "no credit"
    if what is not None:
        if what == "server error":
            said = f" (status {status}){said}"
        told = try_error(what, server, model=model, said=said, seconds=timeout_s)
        if what in ("rate limit", "server error"):
            told.wait_s = retry_after(error.response.headers)
        return told
    if parameter := _unsupported(error, sent):
        told = try_error("unsupported", server, model=model, parameter=parameter)
        told.parameter = parameter
        return told
    trouble = _model_trouble(error, server, model, missing=status in (404, 410))
    return trouble or _bad_request(error, server)


def _in_stream(error: openai.APIError, server: Server, model: str) -> TryError:
    """An error that a server reports within a stream that it began as if all were well."""
    codes = _codes(error)
    if codes & _NO_CREDIT:
        return try_error("no credit", server)
    if trouble := _model_trouble(error, server, model, missing=False):
        return trouble
    if codes & {"rate_limit_exceeded", "429"}:
        return try_error("rate limit", server)
    if codes & {"invalid_request_error", "context_length_exceeded"}:
        return _bad_request(error, server)
    return try_error("server error", server, said=_quoted(error, server))


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


def _unsupported(error: openai.APIStatusError, sent: frozenset[str]) -> str | None:
    """The parameter of the request that the server says it does not take, None if it says else."""
    codes = _codes(error)
    if error.status_code not in (400, 422) or "context_length_exceeded" in codes:
        return None
    if codes & {"unsupported_parameter", "unsupported_value"} and str(error.param) in sent:
        return str(error.param)
    said = _text(error)
    if not _SAYS_UNSUPPORTED.search(said):
        return None
    return next((name for name in sorted(sent) if re.search(rf"\b{name}\b", said)), None)


def _codes(error: openai.APIError) -> set[str]:
    """Its machine-readable names; servers differ in which field they put them."""
    return {str(error.code), str(error.type)}


def _text(error: openai.APIError) -> str:
    """What the server wrote, as far as it is meant for people."""
    body = error.body
    if isinstance(body, dict):
        return str(body.get("message") or body.get("detail") or body.get("error") or body)
    # Proxies in between answer with whole pages.
    return "" if body is None or str(body).lstrip().startswith("<") else str(body)


def _quoted(error: openai.APIError, server: Server) -> str:
    said = server.quote(_text(error)).rstrip(".")
    return f' ("{said}")' if said else ""


def retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds until a server wants to be asked again, None when it does not say or says nonsense.

    The header holds seconds or an HTTP date.
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now()).total_seconds()
    return seconds if math.isfinite(seconds) and seconds > 0 else None
