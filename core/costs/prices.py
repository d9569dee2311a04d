"""Dated prices of LLM calls, from the genai-prices library; an LLM without a price has none."""

import math
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from core.demonstrations import GPT35, LLAMA2
from core.errors import DataError

PRICE_DATE = date(2026, 11, 1)
"""The day whose list prices the tables use, fixed so that they can be rebuilt."""

# Who sells each logged LLM, as genai-prices names provider and model.
_LISTED = {LLAMA2: ("together", "meta-llama/Llama-2-7b-chat-hf"), GPT35: ("openai", GPT35)}


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
    said = os.environ.get(HOURLY_PRICE, "").strip()
    if not said:
        return None
    try:
        price = float(said)
    except ValueError:
        price = math.nan
    if not 0 <= price <= MOST_HOURLY:
        raise DataError(
            f"{HOURLY_PRICE} is {said!r}; allowed: US dollars from 0 to {MOST_HOURLY:,}, such as "
            "0.03."
        )
    return MachinePrice(price)


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens, who asks them, and when they held."""

    prompt: float
    completion: float
    provider: str
    day: date
    source: str

    def dollars(self, prompt_tokens: float, completion_tokens: float) -> float:
        """Cost of so many tokens in dollars; NaN when a count is NaN."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6

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
    return _listed_price(model, day, provider_id=provider)


def live_price(model: str, day: date, *, base_url: str | None = None) -> Price | None:
    """Return what a call of ``model`` costs on ``day``, or None when nobody lists a price.

    Args:
        model: As its provider names it, or a logged LLM.
        day: When the call was made.
        base_url: Where it was asked; a server that is no listed provider has no price, whatever
            its model is called. None for an LLM on this machine.
    """
    if base_url is None:
        return price_of(model)
    return _listed_price(model, day, provider_api_url=base_url)


@lru_cache(maxsize=256)
def _listed_price(model: str, day: date, **seller: str) -> Price | None:
    """The price of a model at a seller, named by provider_id or by provider_api_url."""
    from genai_prices import Usage, __version__, calc_price

    def per_million(usage: Usage) -> tuple[float, str]:
        calculated = calc_price(
            usage,
            model,
            genai_request_timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
            # Its overloads take one of the two names, which a mapping cannot show.
            **seller,  # type: ignore[call-overload]
        )
        # A thousand tokens are asked for, so that no volume discount enters.
        return float(calculated.total_price) * 1000, calculated.provider.id

    try:
        prompt, provider = per_million(Usage(input_tokens=1000, output_tokens=0))
        completion, _ = per_million(Usage(input_tokens=0, output_tokens=1000))
    except LookupError:
        return None
    return Price(prompt, completion, provider, day, f"genai-prices {__version__}")
