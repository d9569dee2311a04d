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
        as_if: The model at whose price nobody paid them; empty for real dollars.
    """

    dollars: float | None
    bound: bool = False
    as_if: str = ""

    def __add__(self, other: "Cost") -> "Cost":
        """Both together; none where one has no price, or where real and other dollars meet."""
        if self.dollars is None or other.dollars is None:
            return Cost(None)
        kinds = {cost.as_if for cost in (self, other) if cost.dollars}
        if len(kinds) > 1:
            return Cost(None)
        return Cost(self.dollars + other.dollars, self.bound or other.bound, *kinds)

    def or_at(self, stand_in: Price | None, took: "Tokens") -> "Cost":
        """Itself; without a price, what the tokens would have cost at one that stands in."""
        if self.dollars is not None or stand_in is None:
            return self
        return took.cost(stand_in)


NOTHING = Cost(0.0)


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs, nothing for none."""
    return sum(costs, NOTHING)


@dataclass(frozen=True)
class Tokens:
    """What tries took; tokens add up, and a price makes dollars of them.

    Attributes:
        prompt: Of the messages.
        completion: Of the answers.
        cached: Those of the messages that had been read before.
        bound: Whether that is the most it can have been, as a part was not counted.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    bound: bool = False

    def __add__(self, other: "Tokens") -> "Tokens":
        """Both together."""
        return Tokens(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
            self.bound or other.bound,
        )

    def cost(self, price: Price) -> Cost:
        """What they cost."""
        dollars = price.dollars(self.prompt, self.completion, self.cached)
        return Cost(dollars, self.bound, price.as_if)


NO_TOKENS = Tokens()


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


def tokens_of(attempt: Attempt, message: str, max_tokens: int) -> Tokens:
    """What an attempt took.

    Where nobody counted its tokens they are bounded by the most that a try can take if a provider
    may charge for such an end, and none if the request was refused before anything was computed.

    Args:
        attempt: How it ended, and its tokens where they are known.
        message: What was asked.
        max_tokens: Most tokens of the answer.
    """
    usage = attempt.usage
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        return Tokens(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens or 0)
    if may_be_charged(attempt.outcome):
        return Tokens(most_prompt_tokens(message), max_tokens, bound=True)
    return NO_TOKENS


def cost_of(attempt: Attempt, price: Price | None, message: str, max_tokens: int) -> Cost:
    """What an attempt cost, at the tokens of ``tokens_of``.

    Args:
        attempt: How it ended, and its tokens where they are known.
        price: Of the LLM's tokens when it was made, None where nobody lists one.
        message: What was asked.
        max_tokens: Most tokens of the answer.
    """
    if attempt.usage.dollars is not None:
        # Whoever sends the bill knows best.
        return Cost(attempt.usage.dollars)
    if price is None:
        return Cost(None)
    return tokens_of(attempt, message, max_tokens).cost(price)
