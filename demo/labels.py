"""The page's words for LLMs, comparisons and amounts; one place, so that tabs agree."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.costs.cost import Cost
from core.costs.prices import Price

LLM_LABELS = {
    "llama2-7b-chat": "LLaMA2-7B-chat",
    "gpt-3.5-turbo": "GPT-3.5",
    "embedded": "embedded",
}
PROVIDER_LABELS = {"together": "Together AI", "openai": "OpenAI"}
PROMPT_SET_LABELS = {
    "answered": "all answered prompts",
    "mended": "all, miscalculations mended",
    "training": "six training prompts",
    "held-out": "ten held-out prompts",
}
YOURS = "your price"
"""How the name of a price begins that a visitor typed."""


def price_source(price: str) -> str:
    """Whose price it is and of which day, from the column ``price`` of a frontier row."""
    if price.startswith(YOURS):
        return price
    provider, day, _ = (part.strip() for part in price.split(",", 2))
    return f"list price of {PROVIDER_LABELS.get(provider, provider)} on {day}"


def dollars(amount: float) -> str:
    """An amount with the digits that matter, or "no price" where it is unknown."""
    if math.isnan(amount):
        return "no price"
    if amount >= 1 or amount <= 0:
        return f"${amount:,.2f}"
    # Two digits that matter, never in powers of ten: $0.000077.
    return f"${amount:.{1 - math.floor(math.log10(amount))}f}"


def cost_text(cost: Cost) -> str:
    """What calls cost; a bound as the bound that it is, and another model's price as such."""
    return f"{amount_text(cost)}{as_if_text(cost.as_if)}"


def amount_text(cost: Cost) -> str:
    """The same without whose price it is."""
    if cost.dollars is None:
        return "no price"
    return f"at most {dollars(cost.dollars)}" if cost.bound else dollars(cost.dollars)


def as_if_text(model: str) -> str:
    """What follows dollars that nobody paid: the model at whose price they are."""
    return f" as if it were {model}" if model else ""


def as_if_note(price: Price) -> str:
    """Whose list price stands in, and of which day."""
    return f"As if it were {price.as_if}, by its list price of {price.day} ({price.source})."


def percent(share: float) -> str:
    """A share of one as a percentage with one decimal."""
    return f"{100 * share:.1f} %"


def between(row: pd.Series | Mapping[str, Any]) -> str:
    """The 95 % interval of a row's accuracy, in percent."""
    return f"{100 * row['accuracy_low']:.1f} to {100 * row['accuracy_high']:.1f}"


def signed(share: float) -> str:
    """A difference of shares in points, with a real minus sign.

    One that would be rounded away keeps the digit that matters, as its sign decides whether an
    interval reaches zero; zero has no sign.
    """
    points = round(100 * share, 6)
    if points == 0:
        return "0"
    digits = 1 if abs(points) >= 0.05 else -math.floor(math.log10(abs(points)))
    return f"{points:+.{digits}f}".replace("-", "−")


def signed_between(row: pd.Series | Mapping[str, Any], name: str) -> str:
    """The 95 % interval of one of a row's differences, in points."""
    return f"{signed(row[f'{name}_low'])} to {signed(row[f'{name}_high'])}"
