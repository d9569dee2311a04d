"""Mend miscalculations: what an answer comes to once its own equations are computed rightly.

LLMs set up the right equation and calculate wrongly. The result of a wrong equation is computed
anew, and the new value takes the place of the old one wherever the answer goes on to use it, in
the order of the text. A number of the question is never replaced, and a reading that is doubtful
is left alone. The grade of an answer as it was given stays what it is: this is another reading.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from core.grading.equations import is_doubtful, scale_of, values
from core.grading.expressions import SHORTEST, is_number, number, value
from core.grading.final_answer import canonical, extract
from core.grading.numbers import numbers
from core.grading.reply import reply
from core.grading.sides import Link, links
from core.grading.spelling import spelled_out

_SIGNS = ("+", "-", "*", "/")


@dataclass(frozen=True, slots=True)
class Mend:
    """An equation whose result was computed anew.

    Attributes:
        expression: Its left side in numbers and signs, as it was written.
        stated: The result that was written.
        value: What it comes to, with the results before it mended.
        carried: Whether the equation itself held, so that only a number it uses was mended.
    """

    expression: tuple[str, ...]
    stated: Fraction
    value: Fraction
    carried: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """The final number of an answer once its equations are computed rightly.

    Attributes:
        value: The number; where nothing was mended the one that was answered, None without any.
        mends: What led to it, in the order of the text; empty where nothing was mended.
        sure: Whether no other reading of a wrong equation (another sign, a part of it) gives the
            result that was written, which would make a slip of the pen as likely.
    """

    value: Fraction | None
    mends: tuple[Mend, ...] = ()
    sure: bool = True


@lru_cache(maxsize=2**15)
def repair(text: str, query: str) -> Repair:
    """Read the final number of an answer, its equations mended; recent readings are remembered.

    Args:
        text: The whole answer.
        query: The question, whose numbers are never replaced.
    """
    answered = extract(text)
    if answered is None or "=" not in text:
        return Repair(answered)
    given = frozenset(abs(one.value) for one in numbers(spelled_out(query)))
    results = _Results(given)
    for link in links(spelled_out(reply(text))):
        results.read(link)
    mends = results.mends.get(answered, ())
    if not mends:
        return Repair(answered)
    sure = not any(_is_explained(mend) for mend in mends if not mend.carried)
    return Repair(mends[-1].value, mends, sure)


@dataclass
class _Results:
    """Results that were mended so far.

    Attributes:
        given: Sizes of the question's numbers.
        mends: By the result that was written: what led to its new value, the last one its own.
    """

    given: Collection[Fraction]
    mends: dict[Fraction, tuple[Mend, ...]] = field(default_factory=dict)

    def read(self, link: Link) -> None:
        """Take note of one equation."""
        sides = values(link)
        if sides is None or not _is_sum(link) or len(link.right) != 1:
            return
        stated = _numeral(link.right[0])
        used = {
            size: self.mends[size] for size in map(_numeral_of, link.left) if size in self.mends
        }
        scale = scale_of(sides[0], link)
        if scale is None and is_doubtful(link):
            return
        mended = _value_with(link.left, {size: one[-1].value for size, one in used.items()})
        if mended is None:
            return
        percent = 100 if link.right[0].endswith("%") else 1
        new = mended * (scale or 1) * percent
        if scale_of(mended, link) is not None or canonical(new) == canonical(stated):
            # It is right as written, and says anew what its result means from here on.
            self.mends.pop(stated, None)
            return
        if stated in self.given or new < 0 or (_is_whole(stated) and not _is_whole(new)):
            return
        before = dict.fromkeys(mend for one in used.values() for mend in one)
        mend = Mend(tuple(link.left), stated, new, carried=scale is not None)
        self.mends[stated] = (*before, mend)


def _is_sum(link: Link) -> bool:
    """Whether the left side computes something."""
    return len(link.left) >= SHORTEST and any(sign in link.left for sign in _SIGNS)


def _is_whole(size: Fraction) -> bool:
    return size.denominator == 1


def _numeral(token: str) -> Fraction:
    """A number as it is written: 20% is 20."""
    return number(token.rstrip("% "))


def _numeral_of(token: str) -> Fraction | None:
    return _numeral(token) if is_number(token) else None


def _value_with(tokens: list[str], new: Mapping[Fraction, Fraction]) -> Fraction | None:
    """Value of an expression with some of its numbers replaced."""
    return value([part for token in tokens for part in _replaced(token, new)])


def _replaced(token: str, new: Mapping[Fraction, Fraction]) -> list[str]:
    size = _numeral_of(token)
    if size is None or size not in new:
        return [token]
    exact = new[size] / 100 if token.endswith("%") else new[size]
    return ["(", str(exact.numerator), "/", str(exact.denominator), ")"]


def _is_explained(mend: Mend) -> bool:
    """Whether another sign in the expression, or a part of it, gives the written result."""
    tokens = list(mend.expression)
    places = [place for place, token in enumerate(tokens) if token in _SIGNS]
    others = [[*tokens[:place], sign, *tokens[place + 1 :]] for place in places for sign in _SIGNS]
    ends = range(SHORTEST, len(tokens) + 1)
    parts = [tokens[start:end] for end in ends for start in range(end - SHORTEST + 1)]
    return any(value(other) == mend.stated for other in others + parts)
