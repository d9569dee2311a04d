"""Dated prices of LLM calls, from the genai-prices library; an LLM without a price has none."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from core.demonstrations import GPT35, LLAMA2

PRICE_DATE = date(2026, 11, 1)
"""The day whose list prices the tables use, fixed so that they can be rebuilt."""

# Who sells each logged LLM, as genai-prices names provider and model.
_LISTED = {LLAMA2: ("together", "meta-llama/Llama-2-7b-chat-hf"), GPT35: ("openai", GPT35)}


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


def price_of(llm: str, day: date = PRICE_DATE) -> Price | None:
    """Return the list price of ``llm`` on ``day``, or None when nobody lists one."""
    if llm not in _LISTED:
        return None
    provider, model = _LISTED[llm]
    from genai_prices import Usage, __version__, calc_price

    when = datetime(day.year, day.month, day.day, tzinfo=UTC)

    def per_million(usage: Usage) -> float:
        calculated = calc_price(usage, model, provider_id=provider, genai_request_timestamp=when)
        # A thousand tokens are asked for, so that no volume discount enters.
        return float(calculated.total_price) * 1000

    try:
        prompt = per_million(Usage(input_tokens=1000, output_tokens=0))
        completion = per_million(Usage(input_tokens=0, output_tokens=1000))
    except LookupError:
        return None
    return Price(prompt, completion, provider, day, f"genai-prices {__version__}")
