"""Where an OpenAI-compatible server is and the key it wants, and how the key stays secret."""

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core.errors import DataError
from core.llms.base import Failure, LLMError

DEFAULT_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"

_NO_KEY = "none"
"""Sent where no key is needed, since the client library insists on one."""
_QUOTE_LIMIT = 200
_HIDDEN = "***"
_LOOKS_LIKE_KEY = re.compile(r"\bsk-[\w*.…-]{4,}|(?<=Bearer )\S+", re.IGNORECASE)
_LONG_KEY = 12
"""Characters from which on the first six of a key tell it apart from ordinary words."""


@dataclass(frozen=True)
class Server:
    """A server that speaks the OpenAI API.

    Attributes:
        base_url: Its address, without a closing slash.
        key: What it is shown; in no representation.
        from_environment: Whether the key, and so who pays, is the one this program was started
            with rather than a visitor's.
    """

    base_url: str
    key: str = field(repr=False)
    from_environment: bool

    @property
    def name(self) -> str:
        """The server as messages call it."""
        return "OpenAI" if is_openai(self.base_url) else self.base_url

    @property
    def is_azure(self) -> bool:
        """Whether it is Microsoft's, which wants the key in a header of its own."""
        host = urlsplit(self.base_url).hostname or ""
        return host.endswith((".azure.com", ".azure-api.net"))

    @property
    def is_azure_deployment(self) -> bool:
        """Whether its address names a deployment, as Azure's older ones do."""
        return self.is_azure and "/deployments/" in urlsplit(self.base_url).path

    @property
    def key_name(self) -> str:
        """The key as messages call it, so that whoever gave it knows it is theirs."""
        return KEY_VARIABLE if self.from_environment else "your API key"

    def quote(self, text: str) -> str:
        """What the server said, in one line of at most 200 characters and without the key."""
        line = " ".join(self._without_key(text).split())
        return line if len(line) <= _QUOTE_LIMIT else line[: _QUOTE_LIMIT - 1] + "…"

    def _without_key(self, text: str) -> str:
        if self.key == _NO_KEY:
            return _LOOKS_LIKE_KEY.sub(_HIDDEN, text)
        # A short key may be an ordinary word, so it is hidden only where it stands by itself.
        pattern = rf"(?<!\w){re.escape(self.key)}(?!\w)"
        if len(self.key) >= _LONG_KEY:
            # Providers echo keys cut short or with stars in the middle.
            pattern = rf"{re.escape(self.key)}|{re.escape(self.key[:6])}[\w*.…-]*"
        return _LOOKS_LIKE_KEY.sub(_HIDDEN, re.sub(pattern, _HIDDEN, text))


def find_server(api_key: str | None = None, base_url: str | None = None) -> Server:
    """Put together the address and the key; the only place that reads them.

    The key of the environment is sent to the address of the environment alone, so that nobody who
    may name another address gets it.

    Args:
        api_key: Overrides ``OPENAI_API_KEY``.
        base_url: Overrides ``OPENAI_BASE_URL``; without either it is OpenAI's.

    Raises:
        DataError: the address is none.
        LLMError: there is no key and the server is OpenAI, or the key cannot be one.
    """
    usual = _usual()
    address = _address((base_url or "").strip() or usual)
    key = (api_key or "").strip()
    from_environment = not key and address == usual
    if from_environment:
        key = _operators_key()
    if not key and is_openai(address):
        raise LLMError(
            Failure(
                "bad key",
                f"OpenAI needs an API key. Set {KEY_VARIABLE}, or {URL_VARIABLE} to a server of "
                "your own that needs none.",
            )
        )
    if not re.fullmatch(r"[!-~]*", key):
        whose = f"The API key in {KEY_VARIABLE}" if from_environment else "Your API key"
        raise LLMError(
            Failure(
                "bad key",
                f"{whose} has blanks or letters that no key has. Copy it once more.",
            )
        )
    return Server(address, key or _NO_KEY, from_environment)


def operator_server() -> Server | None:
    """Where the operator's own key or server answers; None where every visitor needs a key.

    Raises:
        DataError: the address of the environment is none.
        LLMError: its key cannot be one.
    """
    if not _operators_key() and is_openai(usual_address()):
        return None
    return find_server()


def usual_address() -> str:
    """Where questions go that no other address was named for.

    Raises:
        DataError: the address of the environment is none.
    """
    return _address(_usual())


def _usual() -> str:
    return (os.environ.get(URL_VARIABLE, "").strip() or DEFAULT_URL).rstrip("/")


def _operators_key() -> str:
    return os.environ.get(KEY_VARIABLE, "").strip()


def _address(value: str) -> str:
    """The address without a closing slash; DataError when it is none."""
    shown = re.sub(r"^([a-z][a-z0-9+.-]*://)?.*@", rf"\1{_HIDDEN}@", value, flags=re.IGNORECASE)
    shown = _LOOKS_LIKE_KEY.sub(_HIDDEN, shown)
    problem = f"The address of the LLM server is {shown!r} ({URL_VARIABLE}); "
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", value):
        raise DataError(
            problem + "allowed: http:// or https:// with a host, such as http://localhost:8000/v1."
        )
    if parts.username is not None or parts.query or parts.fragment:
        # They would turn up in the logs of the HTTP library.
        raise DataError(
            problem
            + f"a name, a password or a query is not allowed in it. Put a key into {KEY_VARIABLE}."
        )
    return value.rstrip("/")


def is_openai(address: str) -> bool:
    """Whether an address is OpenAI's own, where calls are paid by whoever's key it is."""
    host = urlsplit(address).hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")
