"""Messages that are no question of arithmetic in English."""

import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random

from core.embedded_training.grammar import Drawn, filled, lines
from core.embedded_training.vocabulary import Cast


def message(random: Random) -> str:
    """Draw a message in which there is nothing to compute, or one in another language."""
    numbers = {name: Drawn(Fraction(random.randint(2, 60)), {}) for name in ("x", "y")}
    return filled(random.choice(_messages()), random, Cast.draw(random).words, numbers)


@cache
def _messages() -> tuple[str, ...]:
    path = Path(__file__).with_name("nothing.toml")
    return lines(tomllib.loads(path.read_text("utf-8"))["messages"])
