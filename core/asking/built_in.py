"""Questions whose correct answer is kept, so that what is answered to them can be graded."""

from random import Random

from core.asking.examples import EXAMPLES
from core.asking.typed import value_of
from core.embedded_training.accuracy import Item, own_items

_SEEDS = 2**32


def new_questions(count: int, random: Random) -> list[Item]:
    """Draw distinct questions of the project's own in phrases that no training used.

    Args:
        count: How many.
        random: Source of every choice.
    """
    return own_items(count, random.randrange(_SEEDS))


def gold_of(query: str) -> str | None:
    """The correct answer to an example of the page or to an expression typed bare, else None."""
    return EXAMPLES.get(query) or value_of(query)
