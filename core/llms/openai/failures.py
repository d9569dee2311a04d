"""What the user is told when a try at an OpenAI-compatible server failed."""

from datetime import date

from core.llms.base import UNKNOWN_USAGE, Failure, FailureKind, Usage
from core.llms.openai.server import URL_VARIABLE, Server

# Models that were shut down and the day, as the openai package 3.57.0 states them where it lists
# the chat models, and a model of that list to use instead.
_OCTOBER_2026 = date(2026, 10, 23)
RETIRED: dict[str, tuple[date, str]] = {
    "gpt-3.5-turbo": (_OCTOBER_2026, "gpt-5.6-terra"),
    "gpt-3.5-turbo-0125": (_OCTOBER_2026, "gpt-5.6-terra"),
    "gpt-4": (_OCTOBER_2026, "gpt-5.6-sol"),
    "gpt-4-0613": (_OCTOBER_2026, "gpt-5.6-sol"),
    "gpt-4-turbo": (_OCTOBER_2026, "gpt-5.6-sol"),
    "gpt-4-turbo-2024-04-09": (_OCTOBER_2026, "gpt-5.6-sol"),
}
CHEAP_ALTERNATIVE = "gpt-6-luna"
"""A small model of the same list."""

_REPEATED: frozenset[FailureKind] = frozenset(
    {"rate limit", "server error", "no connection", "time-out", "cut off", "malformed"}
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

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        usage: Usage = UNKNOWN_USAGE,
        wait_s: float | None = None,
        parameter: str | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message)
        self.usage = usage
        self.again = kind in _REPEATED
        self.wait_s = wait_s
        self.parameter = parameter


def bad_key(server: Server) -> TryError:
    """The key is wrong; the server's text is not quoted, since it repeats parts of the key."""
    return TryError(
        "bad key",
        f"{server.name} does not accept the API key. It may be mistyped, revoked or another "
        f"provider's: check {server.key_name}.",
    )


def not_allowed(server: Server, model: str, said: str) -> TryError:
    """The key is known but may not use the model."""
    return TryError(
        "bad key",
        f"{server.name} does not let this account use {model}{said}. Check the rights of "
        f"{server.key_name}.",
    )


def no_credit(server: Server) -> TryError:
    """The account cannot pay."""
    return TryError(
        "no credit",
        f"The account of {server.key_name} at {server.name} has no credit left, or its limit is "
        "reached. Add credit in the provider's billing settings, or use another key.",
    )


def retired(server: Server, model: str) -> TryError:
    """The model was there once."""
    reason = f"{server.name} has retired {model}."
    alternatives = [CHEAP_ALTERNATIVE]
    if model in RETIRED:
        day, successor = RETIRED[model]
        reason = f"{server.name} no longer has {model}, which OpenAI lists as shut down on {day}."
        alternatives.insert(0, successor)
    names = " or ".join(f"`openai:{name}`" for name in alternatives)
    return TryError(
        "retired model",
        f"{reason} The model is a setting everywhere: choose {names}, any other `openai:MODEL`, "
        f"or set {URL_VARIABLE} to a server that still has it.",
    )


def not_found(server: Server, model: str, said: str) -> TryError:
    """The model, or the path on the server, is not there."""
    return TryError(
        "not found",
        f"{server.name} has no model {model!r}{said}. Check the name after `openai:`, and that "
        f"{URL_VARIABLE} is the whole address, most often ending in /v1.",
    )


def bad_request(server: Server, said: str, *, too_long: bool) -> TryError:
    """The request is not taken, whenever it is sent."""
    if too_long:
        advice = "Shorten the question or the prompt, or lower the token limit."
    else:
        advice = "Change the question or the settings, or choose another model."
    return TryError("bad request", f"{server.name} refused the request{said}. {advice}")


def unsendable() -> TryError:
    """The message is no valid text."""
    return TryError("bad request", "The message has characters that cannot be sent. Retype it.")


def unsupported(server: Server, model: str, parameter: str) -> TryError:
    """The request would be taken without one of its parameters."""
    return TryError(
        "bad request", f"{server.name} does not take {parameter} for {model}.", parameter=parameter
    )


def rate_limit(server: Server, wait_s: float | None) -> TryError:
    """Too many requests in a short time."""
    return TryError(
        "rate limit",
        f"{server.name} gets more requests from this account than it allows. Wait a minute, or "
        "choose a policy with fewer calls.",
        wait_s=wait_s,
    )


def server_error(server: Server, said: str, wait_s: float | None) -> TryError:
    """The server has a problem of its own."""
    return TryError(
        "server error",
        f"{server.name} has a problem of its own{said}. Try again later.",
        wait_s=wait_s,
    )


def no_connection(server: Server) -> TryError:
    """Nobody answers at the address."""
    return TryError(
        "no connection",
        f"{server.name} cannot be reached. Check the network, and that {URL_VARIABLE} is the "
        "address of a running server.",
    )


def time_out(server: Server, timeout_s: float) -> TryError:
    """The answer took too long."""
    return TryError(
        "time-out",
        f"{server.name} did not answer within {timeout_s:g} seconds. Try again later, or lower "
        "the token limit.",
    )


def cut_off(server: Server, written: int = 0, usage: Usage = UNKNOWN_USAGE) -> TryError:
    """The response ended early, after so many characters of the answer."""
    after = f" after {written:,} characters" if written else ""
    error = TryError(
        "cut off",
        f"The connection to {server.name} broke off{after} before the answer was complete. "
        "Ask again.",
        usage=usage,
    )
    # Text that somebody has seen cannot be taken back, and a second answer would differ.
    error.again = not written
    return error


def malformed(server: Server, usage: Usage = UNKNOWN_USAGE) -> TryError:
    """The response is not what the API promises."""
    return TryError(
        "malformed",
        f"{server.name} sent something that is no chat completion. If that goes on, check that "
        f"{URL_VARIABLE} is the address of an OpenAI-compatible server, most often ending in /v1.",
        usage=usage,
    )
