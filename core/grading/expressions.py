"""Values of expressions that were taken apart into numbers and signs."""

import ast
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

SHORTEST = 3
"""Tokens of the shortest expression that computes something, such as 3 + 4."""
_MOST_TOKENS = 40
"""A longer expression is noise; so nothing nests deep or multiplies without end."""
_MOST_CHARACTERS = 20
"""The same for a number."""
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def is_number(token: str) -> bool:
    """Whether a token is a number, as in 3, 2.50, .5 or 20%."""
    return token[:1].isdigit() or (token[:1] == "." and len(token) > 1)


def number(token: str) -> Fraction:
    """Value of a number; 20% is a fifth."""
    if token.endswith("%"):
        return number(token.rstrip("% ")) / 100
    return Fraction(int(token) if token.isdigit() else token)


def value(tokens: Sequence[str]) -> Fraction | None:
    """Value of an expression of numbers and ``+-*/()``; None when it is none, or too long."""
    return _value(tuple(tokens))


@lru_cache(maxsize=4096)
def _value(tokens: tuple[str, ...]) -> Fraction | None:
    """The same; recent ones are remembered, since a text is read for several ends."""
    if not 0 < len(tokens) <= _MOST_TOKENS or max(map(len, tokens)) > _MOST_CHARACTERS:
        return None
    if len(tokens) == 1 and is_number(tokens[0]):
        return number(tokens[0])
    if any(a in "+-*/" and b in "+-*/" for a, b in pairwise(tokens)):
        return None
    # Numbers stay out of Python's own reading, which would make floats of them.
    numbers = [token for token in tokens if is_number(token)]
    names = (f"n[{place}]" for place in range(len(numbers)))
    text = "".join(next(names) if is_number(token) else token for token in tokens)
    try:
        return _computed(ast.parse(text, mode="eval").body, numbers)
    except (SyntaxError, ZeroDivisionError):
        return None


def _computed(node: ast.expr, numbers: Sequence[str]) -> Fraction:
    match node:
        case ast.BinOp(left, sign, right) if type(sign) in _OPERATORS:
            apply = _OPERATORS[type(sign)]
            return apply(_computed(left, numbers), _computed(right, numbers))
        case ast.UnaryOp(ast.USub(), operand):
            return -_computed(operand, numbers)
        case ast.Subscript(ast.Name(), ast.Constant(int(place))):
            return number(numbers[place])
    raise SyntaxError("neither a number nor an operation")
