"""Find the sums that an answer does ("3 boxes x $4 = $12") and tell whether they are right.

An LLM that reasons in text gets its sums wrong now and then, and an answer with a wrong sum in it
is seldom right. One can see that without knowing the correct answer.
"""

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from core.answer_patterns import without_labels, without_markup

_MOST_TOKENS = 40
"""A longer side of an equation is noise; so nothing nests deep or multiplies without end."""
_MOST_CHARACTERS = 20
"""The same for a number."""
_SHORTEST = 3
"""Tokens of the shortest expression that computes something, such as 3 + 4."""
_UNREADABLE = "?"
"""Stands in an expression for an operand in words: "(boxes - 7)"."""
_CARRIED = Fraction(1, 100)
"""How far, relatively, the next link of a chain of equalities may be off by rounding."""

# A number with an unknown behind it (3n) is left out. A letter x and words are signs only before a
# number: "3 times 4", not "3 times as many". A sign before a word is none either: a hyphen, the
# slash of a unit, or an operand that nobody can read.
_TOKEN = re.compile(
    r"""
      (?P<number> (?: \d++ (?: ,\d{3} (?!\d) )*+ (?: \.\d++ )?+ | \.\d++ ) (?: \s?+% )?+
        (?! [^\W\d_]\b (?! \s?+[$€£(]{,2}+\.?\d ) ) )
    | (?P<sign> [()] | (?: [-+*/×÷·⋅∗−–] | \\(?:times|div|cdot)\b ) (?! \s?+[^\W\d_]{2} )
        | (?<![^\W\d_]) (?: x | times | plus | minus | (?<=%\s) of ) (?= \s?+[$€£(]{,2}+\.?\d ) )
    """,  # noqa: RUF001
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS = {
    **dict.fromkeys(("×", "·", "⋅", "∗", r"\times", r"\cdot", "x", "times", "of"), "*"),  # noqa: RUF001
    **dict.fromkeys(("÷", r"\div"), "/"),
    **dict.fromkeys(("−", "–", "minus"), "-"),
    "plus": "+",
}
# "$400 (rent) + $80": what is in brackets behind a word or number and a space explains it.
_ASIDE = re.compile(r"(?<=[\w%])(?<!\Wx)(?<!\Wof)(?<!times)\s\([^()=]*+\)", re.IGNORECASE)
_BULLET = re.compile(r"^\s*+[-*•]++\s++", re.MULTILINE)
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


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
    found = []
    for line in _BULLET.sub("", without_labels(without_markup(text))).splitlines():
        if "=" not in line:
            continue
        sides = [_runs(side) for side in _ASIDE.sub("", line).split("=")]
        hundredfold = "%" in line or "cent" in line
        for place, (before, after) in enumerate(pairwise(sides)):
            left, right = before[-1], after[0]
            carried_on = place > 0 and len(before) == 1
            if len(left) >= _SHORTEST or (carried_on and len(right) >= _SHORTEST):
                found.append(_equation(left, right, hundredfold))
    return [equation for equation in found if equation is not None]


def _runs(side: str) -> list[list[str]]:
    """Numbers and the signs ``+-*/()`` of a side, in runs: a number behind a number begins one."""
    runs: list[list[str]] = [[]]
    for match in _TOKEN.finditer(side):
        last = runs[-1][-1] if runs[-1] else ""
        if match["number"]:
            if _is_number(last):
                runs.append([])
            runs[-1].append(match["number"].replace(",", ""))
        else:
            sign = match["sign"].lower()
            if sign == "(" and _is_number(last):
                runs[-1].append("*")
            runs[-1].append(_SIGNS.get(sign, sign))
            spaced = side[match.end() : match.end() + 1].isspace()
            if runs[-1][-1] == "-" and last in ("", "(") and spaced:
                runs[-1].append(_UNREADABLE)
    return runs


def _is_number(token: str) -> bool:
    return token[:1].isdigit() or (token[:1] == "." and len(token) > 1)


def _equation(left: list[str], right: list[str], hundredfold: bool) -> Equation | None:
    """Compare two sides, None when one cannot be read; brackets around both sides are let go."""
    if max(len(left), len(right)) > _MOST_TOKENS:
        return None
    while left.count("(") > left.count(")") and left[0] == "(":
        left = left[1:]
    while right.count(")") > right.count("(") and right[-1] == ")":
        right = right[:-1]
    if left[:1] == ["-"]:
        return None
    a, b = _value(left), _value(right)
    if a is None or b is None:
        return None
    # 30 / 60 = 50% as well as 0.5 x 100 = 50%; 4 x 50 cents = $2.
    scales = (Fraction(1), Fraction(100), Fraction(1, 100)) if hundredfold else (Fraction(1),)
    holds = any(_holds(abs(a) * scale, right, abs(b)) for scale in scales)
    return Equation(a, b, holds)


def _holds(exact: Fraction, right: list[str], value: Fraction) -> bool:
    """Whether a size equals what stands on the right; "5 - 8 = 3" is taken for a difference."""
    if len(right) >= _SHORTEST:
        # Links run on as well: 5 x 2 = 10 x $3 = $30.
        links = [value, _number(right[0])] if _is_number(right[0]) else [value]
        return any(abs(exact - link) <= exact * _CARRIED for link in links)
    written = right[-1].rstrip("% ")
    stated, decimals = _number(written), len(written.partition(".")[2])
    if (exact * 10**decimals).denominator == 1:
        return exact == stated
    return abs(exact - stated) < Fraction(1, 10**decimals)


def _number(token: str) -> Fraction:
    if token.endswith("%"):
        return _number(token.rstrip("% ")) / 100
    return Fraction(int(token) if token.isdigit() else token)


def _value(tokens: list[str]) -> Fraction | None:
    """Value of an expression; None when it is none, or a number of it too long."""
    if not tokens or max(map(len, tokens)) > _MOST_CHARACTERS:
        return None
    if len(tokens) == 1 and _is_number(tokens[0]):
        return _number(tokens[0])
    if any(a in "+-*/" and b in "+-*/" for a, b in pairwise(tokens)):
        return None
    # Numbers stay out of Python's own reading, which would make floats of them.
    numbers = [token for token in tokens if _is_number(token)]
    names = (f"n[{place}]" for place in range(len(numbers)))
    text = "".join(next(names) if _is_number(token) else token for token in tokens)
    try:
        return _computed(ast.parse(text, mode="eval").body, numbers)
    except (SyntaxError, ZeroDivisionError):
        return None


def _computed(node: ast.expr, numbers: list[str]) -> Fraction:
    match node:
        case ast.BinOp(left, sign, right) if type(sign) in _OPERATORS:
            apply = _OPERATORS[type(sign)]
            return apply(_computed(left, numbers), _computed(right, numbers))
        case ast.UnaryOp(ast.USub(), operand):
            return -_computed(operand, numbers)
        case ast.Subscript(ast.Name(), ast.Constant(place)):
            return _number(numbers[place])
    raise SyntaxError("neither a number nor an operation")
