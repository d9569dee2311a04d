"""Telling apart why a try at an OpenAI-compatible server failed."""

import math
import re
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx2
import openai

from core.llms.base import now
from core.llms.openai import failures as failures
from core.llms.openai.failures import RETIRED, TryError
from core.llms.openai.server import Server

ERRORS = (openai.APIError, httpx2.RequestError, ValueError, RecursionError, TimeoutError)
"""What a request raises: errors of the client library and of HTTP, and those of reading JSON."""

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
        return failures.time_out(server, timeout_s)
    if isinstance(error, openai.APIConnectionError | httpx2.RequestError):
        return _connection(error.__cause__ or error, server)
    if isinstance(error, openai.APIStatusError):
        return _status(error, server, model, timeout_s, sent)
    if isinstance(error, openai.APIResponseValidationError):
        return failures.malformed(server)
    if isinstance(error, openai.APIError):
        return _in_stream(error, server, model)
    if isinstance(error, UnicodeEncodeError):
        return failures.unsendable()
    return failures.malformed(server)


def _connection(cause: BaseException, server: Server) -> TryError:
    if isinstance(cause, httpx2.DecodingError):
        return failures.malformed(server)
    if isinstance(cause, httpx2.ReadError | httpx2.WriteError | httpx2.RemoteProtocolError):
        return failures.cut_off(server)
    return failures.no_connection(server)


def _status(
    error: openai.APIStatusError,
    server: Server,
    model: str,
    timeout_s: float,
    sent: frozenset[str],
) -> TryError:
    status = error.status_code
    if status == 401:
        return failures.bad_key(server)
    if status == 403:
        return failures.not_allowed(server, model, _quoted(error, server))
    if status == 402 or _codes(error) & _NO_CREDIT:
        return failures.no_credit(server)
    if status == 429:
        return failures.rate_limit(server, retry_after(error.response.headers))
    if status == 408:
        return failures.time_out(server, timeout_s)
    if status == 409 or status >= 500:
        said = f" (status {status}){_quoted(error, server)}"
        return failures.server_error(server, said, retry_after(error.response.headers))
    if parameter := _unsupported(error, sent):
        return failures.unsupported(server, model, parameter)
    trouble = _model_trouble(error, server, model, missing=status in (404, 410))
    return trouble or _bad_request(error, server)


def _in_stream(error: openai.APIError, server: Server, model: str) -> TryError:
    """An error that a server reports within a stream that it began as if all were well."""
    codes = _codes(error)
    if codes & _NO_CREDIT:
        return failures.no_credit(server)
    if trouble := _model_trouble(error, server, model, missing=False):
        return trouble
    if codes & {"rate_limit_exceeded", "429"}:
        return failures.rate_limit(server, None)
    if codes & {"invalid_request_error", "context_length_exceeded"}:
        return _bad_request(error, server)
    return failures.server_error(server, _quoted(error, server), None)


def _model_trouble(
    error: openai.APIError, server: Server, model: str, *, missing: bool
) -> TryError | None:
    """The error for a model that is not there, None when that is not what is wrong."""
    said = _text(error)
    missing = missing or "model_not_found" in _codes(error)
    about_model = missing or ("model" in said.lower() and error.param in (None, "model"))
    if (missing and model in RETIRED) or (about_model and _SAYS_RETIRED.search(said)):
        return failures.retired(server, model)
    return failures.not_found(server, model, _quoted(error, server)) if missing else None


def _bad_request(error: openai.APIError, server: Server) -> TryError:
    too_long = "context_length_exceeded" in _codes(error) or "context length" in _text(error)
    return failures.bad_request(server, _quoted(error, server), too_long=too_long)


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
