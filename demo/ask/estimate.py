"""What a comparison will cost, said on its button before it is spent."""

from core.asking.ranking import Ranking
from core.costs.cost import most_dollars
from core.costs.prices import Price
from core.hosting.offers import Offer, price_of_offer
from core.llms import Sampling
from core.prompts import message
from demo.ask.session import expected_tokens
from demo.labels import dollars


def compare_label(ranking: Ranking, offer: Offer, query: str) -> str:
    """The button: calls, tokens as the log expects them, and dollars.

    Where the log has no token counts the dollars are the most that the calls can cost.
    """
    tokens, price = expected_tokens(ranking), price_of_offer(offer)
    parts = [f"{len(ranking.prompts)} calls"]
    if tokens is not None:
        parts.append(f"about {tokens:,.0f} tokens")
    if price is not None:
        # How many of the tokens will be written is not known; all at the dearer price is prudent.
        parts.append(
            f"at most {dollars(_most(ranking, price, query))}"
            if tokens is None
            else f"about {dollars(max(price.prompt, price.completion) * tokens / 1e6)}"
        )
    return f"Compare with exhaustive prompting: {', '.join(parts)}"


def _most(ranking: Ranking, price: Price, query: str) -> float:
    """Dollars of one call with every prompt when each answer is as long as allowed."""
    longest = Sampling().max_tokens
    return sum(most_dollars(price, message(query, one), longest) for one in ranking.prompts)
