"""Find the equations of an answer ("3 boxes x $4 = $12") and tell whether they are right.

An LLM that reasons in text calculates wrongly now and then, and an answer with a wrong equation is
seldom right. One can see that without knowing the correct answer. What cannot be read for sure is
left out: a right equation called wrong would be worse than one that nobody looked at.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from core.grading.expressions import SHORTEST, is_number, number, value
from core.grading.sides import Link, links, lone_run

_CARRIED = Fraction(1, 100)
"""How far, relatively, the next link of a chain of equalities may be off by rounding."""
_FAMILIES = tuple(
    re.compile(rf"(?<![^\W\d_])(?:{units})(?![^\W\d_])", re.IGNORECASE)
    for units in (
        r"(second|minute|hour|day|week|month|year)s?",
        r"([$€£]|cent|dime|quarter|nickel|dollar)s?",
        r"(inch|foot|feet|yard|mile|meter|cm|km)(?:es|s)?",
        r"(gram|kg|kilogram|ounce|pound|ton|cup|quart|gallon|liter|ml)s?",
    )
)
"""Units that are converted into each other: 1 hour + 45 minutes = 105 minutes."""


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sides that a text sets equal, at least one of them a sum, product, …

    Attributes:
        left, right: Their values.
        holds: Whether they are equal; the right one may be cut or rounded to its decimals.
    """

    left: Fraction
    right: Fraction
    holds: bool


def equations(text: str) -> list[Equation]:
    """The equations of a text in their order.

    Units and other words are read over, "x" between numbers multiplies, 20% of 50 is 10. What has
    an unknown in it ("3n = 12") or cannot be read is left out, and so is what only begins with a
    number ("2 books = 2 x $4").
    """
    found = (_equation(link) for link in links(text))
    return [equation for equation in found if equation is not None]


def _equation(link: Link) -> Equation | None:
    """Compare two sides, None when one cannot be read for sure."""
    sides = values(link)
    if sides is None:
        return None
    left, right = sides
    holds = scale_of(left, link) is not None
    return None if not holds and is_doubtful(link) else Equation(left, right, holds)


def values(link: Link) -> tuple[Fraction, Fraction] | None:
    """What both sides come to, None when one cannot be read."""
    left = None if link.left[:1] == ["-"] else value(link.left)
    right = value(link.right)
    return None if left is None or right is None else (left, right)


def scale_of(left: Fraction, link: Link) -> Fraction | None:
    """By what a value of the left side is to be multiplied to equal what stands on the right.

    It is 1, or where the line has percents or cents a hundred either way: 30 / 60 = 50% as well as
    0.5 x 100 = 50%; 4 x 50 cents = $2. "5 - 8 = 3" is taken for a difference.

    Returns:
        None where it equals the right side by none of these. The right side can be read.
    """
    hundredfold = "%" in link.line or "cent" in link.line
    scales = (Fraction(1), Fraction(100), Fraction(1, 100)) if hundredfold else (Fraction(1),)
    return next((scale for scale in scales if _holds(abs(left) * scale, link.right)), None)


def _holds(exact: Fraction, right: list[str]) -> bool:
    """Whether a size equals what stands on the right, cut or rounded to its decimals."""
    if len(right) >= SHORTEST:
        # Links run on as well: 5 x 2 = 10 x $3 = $30.
        whole = abs(value(right) or Fraction(0))
        sizes = [whole, number(right[0])] if is_number(right[0]) else [whole]
        return any(abs(exact - size) <= exact * _CARRIED for size in sizes)
    written = right[-1].rstrip("% ")
    stated, decimals = number(written), len(written.partition(".")[2])
    if (exact * 10**decimals).denominator == 1:
        return exact == stated
    return abs(exact - stated) < Fraction(1, 10**decimals)


def is_doubtful(link: Link) -> bool:
    """Whether a left side may mean something else: $10 + 8%, 12 / 3/4, 1 hour + 45 minutes."""
    left, line = link.left, link.line
    if "+" in left or "-" in left:
        units = [{unit.lower() for unit in family.findall(line)} for family in _FAMILIES]
        if any(len(family) > 1 for family in units) or any(token[-1:] == "%" for token in left):
            return True
    slashes = [place for place, token in enumerate(left) if token == "/"]
    return any(later - slash == 2 for slash, later in pairwise(slashes))


def expression_value(text: str) -> Fraction | None:
    """Value of a text that is one expression and nothing else, such as "(4 + 5) * 3".

    Returns:
        None where it is none, holds another word, or cannot be read for sure.
    """
    run = lone_run(text)
    return None if run is None or len(run) < SHORTEST else value(run)
