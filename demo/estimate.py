"""What a comparison will cost, said on its button before it is spent."""

from core.offers import Offer, price_of_offer
from core.ranking import Ranking
from demo.session import expected_tokens
from demo.words import dollars


def compare_label(ranking: Ranking, offer: Offer) -> str:
    """The button: calls, tokens as the log expects them, and dollars."""
    tokens = expected_tokens(ranking)
    parts = [f"{len(ranking.prompts)} calls"]
    if tokens:
        parts.append(f"about {tokens:,.0f} tokens")
    price = price_of_offer(offer)
    if price is not None and tokens:
        # How many of the tokens will be written is not known; all at the dearer price is prudent.
        parts.append(f"about {dollars(max(price.prompt, price.completion) * tokens / 1e6)}")
    return f"Compare with exhaustive prompting: {', '.join(parts)}"
