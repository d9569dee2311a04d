"""What a comparison will cost, said on its button before it is spent."""

from core.asking.ranking import Ranking
from core.hosting.offers import Offer, price_of_offer
from demo.labels import dollars


def compare_label(ranking: Ranking, offer: Offer, query: str) -> str:
    """The button: calls, tokens as the log expects them, and dollars."""
    tokens = ranking.expected_tokens
    cost = ranking.expected_cost(query, price_of_offer(offer))
    parts = [f"{len(ranking.prompts)} calls"]
    if tokens is not None:
        parts.append(f"about {tokens:,.0f} tokens")
    if cost.dollars is not None:
        parts.append(f"{'at most' if cost.bound else 'about'} {dollars(cost.dollars)}")
    return f"Compare with exhaustive prompting: {', '.join(parts)}"
