"""Practice: rows of equations without a story, most of them on small numbers.

A story of eighty tokens has one or two results to learn from, a row of practice ten. Comprehension
comes early in training and arithmetic late, so practice pays once questions are understood.
"""

import re
from fractions import Fraction
from random import Random

from core.embedded_training.expressions import Step, Symbol, apply
from core.embedded_training.place_value import by_columns, by_parts

_BY_PLACES = 0.25
_DECIMAL = 0.06
_SYMBOLS: tuple[Symbol, ...] = ("+", "-", "×", "÷")

_Range = tuple[int, int]
_SMALL: _Range = (1, 12)
_TENS: _Range = (2, 99)
_HUNDREDS: _Range = (100, 999)
_SUMS: tuple[tuple[_Range, _Range, float], ...] = (
    (_SMALL, _SMALL, 0.3),
    (_TENS, _TENS, 0.5),
    (_HUNDREDS, _TENS, 0.1),
    (_HUNDREDS, _HUNDREDS, 0.1),
)
_PRODUCTS: tuple[tuple[_Range, _Range, float], ...] = (
    ((2, 12), (2, 12), 0.6),
    ((2, 12), (11, 99), 0.3),
    (_TENS, (10, 60), 0.05),
    ((2, 9), _HUNDREDS, 0.05),
)


def equation(random: Random) -> tuple[str, str]:
    """Draw an equation: what is given, such as "12 + 5 =", and what is to be found, " 17."."""
    step = _step(random)
    written = str(step)
    if random.random() < _BY_PLACES:
        written = random.choice((by_parts, by_columns))(step)
    given, sign, found = re.split("( =|:)", written, maxsplit=1)
    return f"{given}{sign}", f"{found}."


def _step(random: Random) -> Step:
    symbol = random.choice(_SYMBOLS)
    if symbol in "+-":
        left, right = _pair(_SUMS, random)
        if random.random() < _DECIMAL:
            scale = random.choice((2, 10, 100))
            left, right = left + Fraction(random.randrange(scale), scale), right + Fraction(1, 2)
        if symbol == "-":
            left, right = max(left, right), min(left, right)
        return Step(left, symbol, right, apply(symbol, left, right))
    left, right = _pair(_PRODUCTS, random)
    if symbol == "÷":
        return Step(left * right, "÷", right, left)
    if random.random() < _DECIMAL:
        left = Fraction(random.randint(11, 200), 10)
    return Step(left, "×", right, left * right)


def _pair(
    sizes: tuple[tuple[_Range, _Range, float], ...], random: Random
) -> tuple[Fraction, Fraction]:
    """Two numbers of drawn sizes in either order."""
    first, second, _ = random.choices(sizes, [share for _, _, share in sizes])[0]
    pair = [Fraction(random.randint(*first)), Fraction(random.randint(*second))]
    random.shuffle(pair)
    return pair[0], pair[1]
