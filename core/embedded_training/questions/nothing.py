"""Messages that are no question of arithmetic in English."""

from fractions import Fraction
from random import Random

from core.embedded_training.questions.grammar import Drawn, filled
from core.embedded_training.questions.phrases import lines, read
from core.embedded_training.questions.vocabulary import Cast

_MESSAGES = lines(read("nothing.toml")["nothing"]["messages"])


def message(random: Random) -> str:
    """Draw a message in which there is nothing to compute, or one in another language."""
    numbers = {name: Drawn(Fraction(random.randint(2, 60)), {}) for name in ("x", "y")}
    return filled(random.choice(_MESSAGES), random, Cast.draw(random).words, numbers)
