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
from core.grading.numbers import without_labels, without_markup

_MOST_READ = 20_000
"""Characters of an answer that are read."""
_CARRIED = Fraction(1, 100)
"""How far, relatively, the next link of a chain of equalities may be off by rounding."""
_UNREADABLE = "?"
"""Stands in an expression for what cannot be read, which makes all of it unreadable."""

# A letter x and words are signs only before a number: "3 times 4", not "3 times as many". The slash
# of a unit ("$2/hour") and hyphens within words say nothing; any other sign before a word stands
# beside an operand in words. Powers, roots, brackets of other kinds, unknowns and words that
# calculate are not read.
_TOKEN = re.compile(
    r"""
      (?P<number> (?<![\d.,]) (?: \d++ (?: ,\d{3} (?!\d) )*+ (?: \.\d++ )?+ | \.\d++ )
        (?: \s?+% )?+ )
    | (?P<word_sign> (?<![^\W\d_]) (?: x | times | plus | minus | (?<=%\s) of )
        (?= \s?+[-−$€£(]{,3}+\.?\d ) )
    | (?P<skipped> / (?= \s?+[^\W\d_]{2} ) | (?<=[^\W_]) [-–] (?= [^\W\d_] ) | [-–] (?= > ) )
    | (?P<sign> [-+*/()×÷·⋅∗−–] (?! \s?+[$€£]?+[^\W\d_]{2} ) | [()] | \\(?:times|div|cdot)\b )
    | (?P<unknown> [-+*/×÷·⋅∗−–^√{}\[\]|²³¢] | ! (?= \s?+[-+*/×÷=] ) | \\[a-z]++
        | (?<![^\W\d_']) (?: [xyzn] | (?<=\d\s) of | half | twice | thrice | double | triple
          | (?: thousand | million | billion | dozen | hundred ) s?+ ) (?![^\W\d_]) )
    """,  # noqa: RUF001
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS = {
    **dict.fromkeys(("×", "·", "⋅", "∗", r"\times", r"\cdot", "x", "times", "of"), "*"),  # noqa: RUF001
    **dict.fromkeys(("÷", r"\div"), "/"),
    **dict.fromkeys(("−", "–", "minus"), "-"),
    "plus": "+",
}
_PAUSE = re.compile("[.,:;]")
_PROSE = re.compile(r"[^\s$€£]")
"""What is left of a text beside its numbers and signs."""
_EQUALS = re.compile(r"(?<![<>!=])=++(?!>)")
# "$400 (rent) + $80": a remark in brackets has words, and no digit or, behind a number, no sign.
_ASIDE = re.compile(
    r"""
      \s \( (?= [^()=]*? [^\W\d_]{2} ) [^()=\d]*+ \)
    | (?<= [\d%] ) \s \( (?= [^()=]*? [^\W\d_]{2} ) [^()=+*/×÷]*+ \)
    """,
    re.VERBOSE,
)
_BULLET = re.compile(r"^[ \t]*+[-*•]++[ \t]++", re.MULTILINE)
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
    found = []
    for line in _BULLET.sub("", without_labels(without_markup(text[:_MOST_READ]))).splitlines():
        if "=" not in line:
            continue
        sides = [_runs(side) for side in _EQUALS.split(_ASIDE.sub("", line))]
        for place, (before, after) in enumerate(pairwise(sides)):
            left, right = before[-1], after[0]
            carried_on = place > 0 and len(before) == 1
            if len(left) >= SHORTEST or (carried_on and len(right) >= SHORTEST):
                found.append(_equation(left, right, line))
    return [equation for equation in found if equation is not None]


def _runs(side: str) -> list[list[str]]:
    """Numbers and the signs ``+-*/()`` of a side, in runs: a number behind a number begins one."""
    runs: list[list[str]] = [[]]
    end = 0
    for match in _TOKEN.finditer(side):
        if match["skipped"]:
            continue
        token = _token(match)
        last, gap = (runs[-1][-1] if runs[-1] else ""), side[end : match.start()]
        begins = is_number(token) or token == "("
        if begins and last == _UNREADABLE and _PAUSE.search(gap):
            runs.append([])
        elif begins and is_number(last):
            if token == "(" and not gap:
                runs[-1].append("*")
            else:
                # 2 1/2 is one number, and 4 (3 + 2) may be a product.
                runs.append([] if gap.strip() else [_UNREADABLE])
        runs[-1].append(token)
        spaced = side[match.end() : match.end() + 1].isspace()
        if token == "-" and last in ("", "(") and spaced:
            # "(boxes - 7)"
            runs[-1].append(_UNREADABLE)
        end = match.end()
    return runs


def _token(match: re.Match[str]) -> str:
    if match["number"]:
        return match["number"].replace(",", "")
    if match["unknown"]:
        return _UNREADABLE
    sign = (match["sign"] or match["word_sign"]).lower()
    return _SIGNS.get(sign, sign)


def _equation(left: list[str], right: list[str], line: str) -> Equation | None:
    """Compare two sides, None when one cannot be read; brackets around both sides are let go."""
    while left.count("(") > left.count(")") and left[0] == "(":
        left = left[1:]
    while right.count(")") > right.count("(") and right[-1] == ")":
        right = right[:-1]
    a, b = (None if left[:1] == ["-"] else value(left)), value(right)
    if a is None or b is None:
        return None
    # 30 / 60 = 50% as well as 0.5 x 100 = 50%; 4 x 50 cents = $2.
    hundredfold = "%" in line or "cent" in line
    scales = (Fraction(1), Fraction(100), Fraction(1, 100)) if hundredfold else (Fraction(1),)
    holds = any(_holds(abs(a) * scale, right, abs(b)) for scale in scales)
    return None if not holds and _is_doubtful(left, line) else Equation(a, b, holds)


def _holds(exact: Fraction, right: list[str], size: Fraction) -> bool:
    """Whether a size equals what stands on the right; "5 - 8 = 3" is taken for a difference."""
    if len(right) >= SHORTEST:
        # Links run on as well: 5 x 2 = 10 x $3 = $30.
        links = [size, number(right[0])] if is_number(right[0]) else [size]
        return any(abs(exact - link) <= exact * _CARRIED for link in links)
    written = right[-1].rstrip("% ")
    stated, decimals = number(written), len(written.partition(".")[2])
    if (exact * 10**decimals).denominator == 1:
        return exact == stated
    return abs(exact - stated) < Fraction(1, 10**decimals)


def _is_doubtful(left: list[str], line: str) -> bool:
    """Whether a left side may mean something else: $10 + 8%, 12 / 3/4, 1 hour + 45 minutes."""
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
    if "\n" in text or "=" in text or _PROSE.search(_TOKEN.sub(" ", text)):
        return None
    runs = _runs(text)
    if len(runs) != 1 or len(runs[0]) < SHORTEST:
        return None
    return value(runs[0])
