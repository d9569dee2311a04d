"""What a comparison or a race will cost, said on its button before it is spent."""

from core.asking.arms import llms_of
from core.asking.ranking import Ranking
from core.costs.cost import Cost, total
from core.costs.prices import Price
from core.hosting.offers import Offer, has_price, price_of_offer
from demo.labels import as_if_text, dollars

RACE_QUESTIONS = 20
RACE = f"Run {RACE_QUESTIONS} questions"
"""The button of a race of which nothing more is known."""


def compare_label(ranking: Ranking, offer: Offer, query: str, stand_in: Price | None = None) -> str:
    """The button: calls, tokens expected for a question of this length, and dollars.

    Args:
        ranking: Of the prompts to ask.
        offer: Who is asked.
        query: The question.
        stand_in: The price where the offer has none.
    """
    count = len(ranking.prompts)
    cost = ranking.expected_cost(query, _price(offer, stand_in, ranking))
    return f"Compare with exhaustive prompting: {_bill(count, ranking.expected_tokens, cost)}"


def race_label(ranking: Ranking, offer: Offer, query: str, stand_in: Price | None = None) -> str:
    """The same for a race, whose questions are as long as this one."""
    tokens, count = ranking.expected_tokens, RACE_QUESTIONS * len(ranking.prompts)
    price = _price(offer, stand_in, ranking)
    cost = total([ranking.expected_cost(query, price)] * RACE_QUESTIONS)
    more = None if tokens is None else RACE_QUESTIONS * tokens
    return f"{RACE}: {_bill(count, more, cost)}"


def _price(offer: Offer, stand_in: Price | None, ranking: Ranking) -> Price | None:
    """What tokens cost; None where several LLMs answer, each at its own price."""
    if llms_of(ranking.prompts):
        return None
    return price_of_offer(offer) if has_price(offer) else stand_in


def _bill(calls: int, tokens: float | None, cost: Cost) -> str:
    parts = [f"{calls} calls"]
    if tokens is not None:
        parts.append(f"about {tokens:,.0f} tokens")
    if cost.dollars is not None:
        about = "at most" if cost.bound else "about"
        parts.append(f"{about} {dollars(cost.dollars)}{as_if_text(cost.as_if)}")
    return ", ".join(parts)
