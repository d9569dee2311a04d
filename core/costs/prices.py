"""Dated prices of LLM calls, from the genai-prices library; an LLM without a price has none."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from core.demonstrations import GPT35, LLAMA2
from core.environment import number
from core.errors import UnknownNameError

PRICE_DATE = date(2026, 11, 1)
"""The day whose list prices the tables use, fixed so that they can be rebuilt."""

# Who sells each logged LLM, as genai-prices names provider and model.
_LISTED = {LLAMA2: ("together", "meta-llama/Llama-2-7b-chat-hf"), GPT35: ("openai", GPT35)}


_REGION = re.compile(r"^[a-z]{2}(?:-[a-z]+-\d)?\.api\.(?=\w+\.\w+$)")
"""The beginning of the host of a server in some region, as in eu.api.openai.com."""
AS_IF = {
    "gpt-6-luna": "openai",
    "gpt-5.6-terra": "openai",
    "claude-haiku-4-5": "anthropic",
    "gemini-2.5-flash": "google",
    "deepseek-chat": "deepseek",
    "llama-3.1-8b-instant": "groq",
}
"""Models of today whose prices may stand for an LLM's without one, and who sells them."""
MOST_HOURLY = 10_000
HOURLY_PRICE = "PROMPT_OIRL_HOURLY_PRICE"
"""What an hour of this machine costs, in US dollars; not set: nothing is said of it."""


@dataclass(frozen=True)
class MachinePrice:
    """What a machine of one's own costs."""

    dollars_per_hour: float

    def dollars(self, seconds: float) -> float:
        """Cost of so many seconds."""
        return seconds / 3600 * self.dollars_per_hour

    def __str__(self) -> str:
        """The price in words, as a ledger states it."""
        return f"${self.dollars_per_hour:g} an hour of this machine"


def machine_price() -> MachinePrice | None:
    """What the environment says that this machine costs; None where it says nothing.

    Raises:
        DataError: it is no number from 0 to ``MOST_HOURLY``.
    """
    allowed = f"US dollars from 0 to {MOST_HOURLY:,}, such as 0.03"
    price = number(HOURLY_PRICE, lambda dollars: 0 <= dollars <= MOST_HOURLY, allowed)
    return None if price is None else MachinePrice(price)


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens, who asks them, and when they held.

    Attributes:
        cached: Of prompt tokens that the provider has read before; None where it sells none.
        as_if: The model that it is of, where it stands for an LLM's that has none; else empty.
    """

    prompt: float
    completion: float
    provider: str
    day: date
    source: str
    cached: float | None = None
    as_if: str = ""

    def dollars(
        self, prompt_tokens: float, completion_tokens: float, cached_tokens: float = 0
    ) -> float:
        """Cost of so many tokens in dollars; NaN when a count is NaN.

        Args:
            prompt_tokens: All of the message.
            completion_tokens: Of the answer.
            cached_tokens: Those of the message that had been read before.
        """
        saved = 0.0
        if cached_tokens and self.cached is not None:
            saved = cached_tokens * (self.prompt - self.cached) / 1e6
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6 - saved

    def __str__(self) -> str:
        """The price in words, as a ledger states it."""
        return (
            f"${self.prompt:g} in, ${self.completion:g} out per million tokens "
            f"({self.provider}, {self.day}, {self.source})"
        )


def price_of(llm: str, day: date = PRICE_DATE) -> Price | None:
    """Return the list price of a logged LLM on ``day``, or None when nobody lists one."""
    if llm not in _LISTED:
        return None
    provider, model = _LISTED[llm]
    return _listed_price(model, _noon(day), provider_id=provider)


def prices_as_if(day: date = PRICE_DATE) -> dict[str, Price]:
    """Return what each of ``AS_IF`` costs on ``day``; those that nobody lists are left out."""
    listed = {
        model: _listed_price(model, _noon(day), provider_id=seller)
        for model, seller in AS_IF.items()
    }
    return {
        model: replace(price, as_if=model) for model, price in listed.items() if price is not None
    }


def price_as_if(model: str) -> Price:
    """Return what one of ``AS_IF`` costs on ``PRICE_DATE``.

    Raises:
        UnknownNameError: it is none of them, or nobody lists its price.
    """
    known = prices_as_if()
    if model not in known:
        raise UnknownNameError("model with a price", model, tuple(known))
    return known[model]


def live_price(model: str, when: datetime, *, base_url: str | None = None) -> Price | None:
    """Return what a call of ``model`` costs at a moment, or None when nobody lists a price.

    Args:
        model: As its provider names it, or a logged LLM.
        when: When the call was made, with its time zone: some prices change by the hour.
        base_url: Where it was asked; a server that is no listed provider has no price, whatever
            its model is called. None for an LLM on this machine.
    """
    if base_url is None:
        return price_of(model)
    minute = when.astimezone(UTC).replace(second=0, microsecond=0)
    return _listed_price(model, minute, provider_api_url=_provider_address(base_url))


def dearest_price(model: str, when: datetime, *, base_url: str | None = None) -> Price | None:
    """Return the highest price of a model in the 24 hours from a moment on; arguments as above.

    A limit that is to hold while calls go on has to count with it.
    """
    return _dearest(
        model, when.astimezone(UTC).replace(minute=0, second=0, microsecond=0), base_url
    )


@lru_cache(maxsize=64)
def _dearest(model: str, start: datetime, base_url: str | None) -> Price | None:
    moments = [start + timedelta(minutes=30 * step) for step in range(49)]
    found = [live_price(model, moment, base_url=base_url) for moment in moments]
    known = [price for price in found if price is not None]
    if not known:
        return None
    return replace(
        known[0],
        prompt=max(price.prompt for price in known),
        completion=max(price.completion for price in known),
    )


def price_by_name(llm: str, day: date = PRICE_DATE) -> Price | None:
    """Return the list price of a model by its name alone, or None when nobody lists one.

    Args:
        llm: As a log names it, such as ``openai:gpt-4o-mini`` or ``gpt-4o-mini``; what stands
            before a colon is whose it is.
        day: Whose prices are wanted.
    """
    logged = price_of(llm, day)
    return logged or _listed_price(llm.rpartition(":")[2], _noon(day))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _provider_address(address: str) -> str:
    """The address as genai-prices is asked for it: of a region's server, that of the provider.

    No dot is left in its path, where a pattern for hosts must find nothing.
    """
    parts = urlsplit(address)
    host = _REGION.sub("api.", parts.hostname or "")
    return f"{parts.scheme}://{host}{parts.path.replace('.', '')}"


def _is_whole(pattern: str, address: str) -> bool:
    """Whether a provider's pattern covers the whole host, which it need not do by itself.

    It looks at the beginning alone, and "api.openai.com.evil.example" begins like OpenAI's. Some
    end before the top-level domain.
    """
    found = re.match(pattern, address)
    host = urlsplit(address).hostname or ""
    rest = address[found.end() :] if found else address
    open_end = found is not None and found.group().endswith(".")
    ends = found is not None and found.end() >= address.index(host) + len(host)
    return ends or (open_end and re.match(r"[a-z]{2,6}(?=/|$)", rest) is not None)


@lru_cache(maxsize=512)
def _listed_price(model: str, when: datetime, **seller: str) -> Price | None:
    """The price of a model at a seller, named by provider_id or by provider_api_url."""
    from genai_prices import Usage, __version__, calc_price

    def per_million(**tokens: int) -> tuple[float, str]:
        calculated = calc_price(
            Usage(**tokens),
            model,
            genai_request_timestamp=when,
            # Its overloads take one of the two names, which a mapping cannot show.
            **seller,  # type: ignore[call-overload]
        )
        address = seller.get("provider_api_url")
        if address is not None and not _is_whole(calculated.provider.api_pattern, address):
            raise LookupError(address)
        # A thousand tokens are asked for, so that no volume discount enters.
        return float(calculated.total_price) * 1000, calculated.provider.id

    try:
        prompt, provider = per_million(input_tokens=1000, output_tokens=0)
        completion, _ = per_million(input_tokens=0, output_tokens=1000)
        cached, _ = per_million(input_tokens=1000, cache_read_tokens=1000, output_tokens=0)
    except LookupError:
        return None
    source = f"genai-prices {__version__}"
    return Price(prompt, completion, provider, when.date(), source, cached)
