"""What an attempt cost, and what a call can cost at most: one rule for all who count money."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.costs.prices import Price
from core.llms.base import Attempt
from core.llms.failures import may_be_charged

FRAME_TOKENS = 64
"""More than the frame of a chat takes around a message."""


@dataclass(frozen=True)
class Cost:
    """Dollars of one attempt or of several; costs add up.

    Attributes:
        dollars: None where there is no price.
        bound: Whether they are the most it can have been: the tokens of a part were not counted.
    """

    dollars: float | None
    bound: bool = False

    def __add__(self, other: "Cost") -> "Cost":
        """Both together; without a price for one of them there is none for the sum."""
        if self.dollars is None or other.dollars is None:
            return Cost(None)
        return Cost(self.dollars + other.dollars, self.bound or other.bound)


NOTHING = Cost(0.0)


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs, nothing for none."""
    return sum(costs, NOTHING)


def most_prompt_tokens(message: str) -> int:
    """More tokens than a message can have: each has a byte at least."""
    return len(message.encode("utf-8", "surrogatepass")) + FRAME_TOKENS


def most_dollars(price: Price | None, message: str, max_tokens: int) -> float:
    """The most that one try of a call can cost, 0 without a price.

    Args:
        price: Of the LLM's tokens.
        message: What it is asked.
        max_tokens: Most tokens of its answer.
    """
    return 0.0 if price is None else price.dollars(most_prompt_tokens(message), max_tokens)


def cost_of(attempt: Attempt, price: Price | None, message: str, max_tokens: int) -> Cost:
    """What an attempt cost.

    Where nobody counted its tokens it is bounded by the most that a try can cost if a provider
    may charge for such an end, and free if the request was refused before anything was computed.

    Args:
        attempt: How it ended, and its tokens where they are known.
        price: Of the LLM's tokens when it was made, None where nobody lists one.
        message: What was asked.
        max_tokens: Most tokens of the answer.
    """
    usage = attempt.usage
    if usage.dollars is not None:
        # Whoever sends the bill knows best.
        return Cost(usage.dollars)
    if price is None:
        return Cost(None)
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        cached = usage.cached_tokens or 0
        return Cost(price.dollars(usage.prompt_tokens, usage.completion_tokens, cached))
    if may_be_charged(attempt.outcome):
        return Cost(most_dollars(price, message, max_tokens), bound=True)
    return NOTHING
