"""Ways to read the final number of an answer, under names, so that they can be compared.

As lm-evaluation-harness does with its filters: an answer that was paid for once can be graded by
any of them, side by side.
"""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from core.errors import DataError, UnknownNameError
from core.grading.final_answer import extract, marked, published_extract
from core.grading.numbers import numbers

Reader = Callable[[str], Fraction | None]
DEFAULT = "final-answer"
MATH_VERIFY = "math-verify"


def last_number(answer: str) -> Fraction | None:
    """Read the last number of an answer, with its sign and thousands separators."""
    found = numbers(answer)
    return found[-1].value if found else None


def after_last_equals(answer: str) -> Fraction | None:
    """Read the first number after the last equals sign, else the last number."""
    _, sign, side = answer.rpartition("=")
    found = numbers(side) if sign else []
    return found[0].value if found else last_number(answer)


def published(answer: str) -> Fraction | None:
    """Read the last run of digits, as the published labels were made."""
    digits = published_extract(answer)
    return None if digits is None else Fraction(digits)


def math_verify(answer: str) -> Fraction | None:
    """Read what Hugging Face's math-verify takes for the answer, where that is a number.

    Its time limit works with a signal, so it cannot be called from a thread.
    """
    from math_verify import parse

    found = parse(answer)
    return _fraction(found[0]) if found else None


def _fraction(value: Any) -> Fraction | None:
    """A number of SymPy as a fraction; None for what is no single real number."""
    if getattr(value, "is_Rational", False):
        return Fraction(int(value.p), int(value.q))
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return Fraction(number).limit_denominator(10**9) if math.isfinite(number) else None


READERS: Mapping[str, Reader] = {
    DEFAULT: extract,
    "marked": marked,
    "last-number": last_number,
    "after-equals": after_last_equals,
    "published": published,
    MATH_VERIFY: math_verify,
}
"""All of them; the first is what this project reads with."""


def reader_by_name(name: str) -> Reader:
    """The reader of a name.

    Raises:
        UnknownNameError: there is none; the message lists them.
        DataError: it needs a package that is not installed.
    """
    if name not in READERS:
        raise UnknownNameError("reader", name, tuple(READERS))
    if name == MATH_VERIFY and find_spec("math_verify") is None:
        raise DataError("The reader math-verify is a package: `pip install math-verify`.")
    return READERS[name]
