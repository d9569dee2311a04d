"""What a comparison or a race will cost, said on its button before it is spent."""

from core.asking.ranking import Ranking
from core.costs.cost import Cost, total
from core.hosting.offers import Offer, price_of_offer
from demo.labels import dollars

RACE_QUESTIONS = 20


def compare_label(ranking: Ranking, offer: Offer, query: str) -> str:
    """The button: calls, tokens expected for a question of this length, and dollars."""
    count = len(ranking.prompts)
    cost = ranking.expected_cost(query, price_of_offer(offer))
    return f"Compare with exhaustive prompting: {_bill(count, ranking.expected_tokens, cost)}"


def race_label(ranking: Ranking, offer: Offer, query: str) -> str:
    """The same for a race, whose questions are as long as this one."""
    tokens, count = ranking.expected_tokens, RACE_QUESTIONS * len(ranking.prompts)
    cost = total([ranking.expected_cost(query, price_of_offer(offer))] * RACE_QUESTIONS)
    more = None if tokens is None else RACE_QUESTIONS * tokens
    return f"Run {RACE_QUESTIONS} questions: {_bill(count, more, cost)}"


def _bill(calls: int, tokens: float | None, cost: Cost) -> str:
    parts = [f"{calls} calls"]
    if tokens is not None:
        parts.append(f"about {tokens:,.0f} tokens")
    if cost.dollars is not None:
        parts.append(f"{'at most' if cost.bound else 'about'} {dollars(cost.dollars)}")
    return ", ".join(parts)
