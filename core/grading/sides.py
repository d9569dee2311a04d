"""Take the lines of a text apart at their equals signs, and the sides into numbers and signs.

What cannot be read for sure is marked as such: a right equation called wrong would be worse than
one that nobody looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from core.grading.expressions import SHORTEST, is_number
from core.grading.numbers import without_labels, without_markup

_MOST_READ = 20_000
"""Characters of an answer that are read."""
_UNREADABLE = "?"
"""Stands in an expression for what cannot be read, which makes all of it unreadable."""

# A letter x and words are signs only before a number: "3 times 4", not "3 times as many". The slash
# of a unit ("$2/hour") and hyphens within words say nothing; any other sign before a word stands
# beside an operand in words. Powers, roots, brackets of other kinds, unknowns and words that
# calculate are not read.
_TOKEN = re.compile(
    r"""
      (?P<number> (?<![\d.,]) (?: \d++ (?> (?: ,\d{3} (?!\d) )* ) (?> (?: \.\d++ )? ) | \.\d++ )
        (?> (?: \s?+% )? ) )
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
_SIGNS_OF_SUMS = frozenset("+-*/")
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


@dataclass(frozen=True, slots=True)
class Link:
    """Two sides that a text sets equal, in numbers and the signs ``+-*/()``; ``?`` is unreadable.

    Attributes:
        left, right: The sides; at least one computes something.
        line: The line they stand in.
    """

    left: list[str]
    right: list[str]
    line: str


@lru_cache(maxsize=64)
def links(text: str) -> tuple[Link, ...]:
    """What a text sets equal, in its order; brackets around both sides are let go.

    An answer's text is read for several ends one after the other; the latest are remembered.
    """
    return tuple(_links(text))


def _links(text: str) -> Iterator[Link]:
    for line in _BULLET.sub("", without_labels(without_markup(text[:_MOST_READ]))).splitlines():
        if "=" not in line:
            continue
        sides = [runs(side) for side in _EQUALS.split(_ASIDE.sub("", line))]
        for place, (before, after) in enumerate(pairwise(sides)):
            left, right = before[-1], after[0]
            carried_on = place > 0 and len(before) == 1
            if len(left) >= SHORTEST or (carried_on and len(right) >= SHORTEST):
                link = Link(_opened(left), _closed(right), line)
                # "3 boxes (each at $6) = $18" has a number in brackets on its left, and no sum.
                if not _SIGNS_OF_SUMS.isdisjoint(link.left + link.right):
                    yield link


def _opened(left: list[str]) -> list[str]:
    while left.count("(") > left.count(")") and left[0] == "(":
        left = left[1:]
    return left


def _closed(right: list[str]) -> list[str]:
    while right.count(")") > right.count("(") and right[-1] == ")":
        right = right[:-1]
    return right


def lone_run(text: str) -> list[str] | None:
    """The numbers and signs of a text that is one expression and holds no word; else None."""
    if "\n" in text or "=" in text or _PROSE.search(_TOKEN.sub(" ", text)):
        return None
    found = runs(text)
    return found[0] if len(found) == 1 else None


def runs(side: str) -> list[list[str]]:
    """Numbers and the signs ``+-*/()`` of a side, in runs: a number behind a number begins one."""
    found: list[list[str]] = [[]]
    end = 0
    for match in _TOKEN.finditer(side):
        if match["skipped"]:
            continue
        token = _token(match)
        last, gap = (found[-1][-1] if found[-1] else ""), side[end : match.start()]
        begins = is_number(token) or token == "("
        if begins and last == _UNREADABLE and _PAUSE.search(gap):
            found.append([])
        elif begins and is_number(last):
            if token == "(" and not gap:
                found[-1].append("*")
            else:
                # 2 1/2 is one number, and 4 (3 + 2) may be a product.
                found.append([] if gap.strip() else [_UNREADABLE])
        found[-1].append(token)
        spaced = side[match.end() : match.end() + 1].isspace()
        if token == "-" and last in ("", "(") and spaced:
            # "(boxes - 7)"
            found[-1].append(_UNREADABLE)
        end = match.end()
    return found


def _token(match: re.Match[str]) -> str:
    if match["number"]:
        return match["number"].replace(",", "")
    if match["unknown"]:
        return _UNREADABLE
    sign = (match["sign"] or match["word_sign"]).lower()
    return _SIGNS.get(sign, sign)
