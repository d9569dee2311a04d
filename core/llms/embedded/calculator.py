"""Computes the equations that an LLM has begun, while it writes its answer.

Whenever an answer ends in "3 × 12 =", the result is written instead of guessed. The idea is that
of the calculation annotations of GSM8K (Cobbe et al. 2021, https://arxiv.org/abs/2110.14168).
"""

import ast
import operator
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_REACH = 128
"""Tokens before the sign of equality that may belong to its expression."""
_MOST_DIGITS = 12
"""Of a whole part; a longer number is not written."""
_EXACT_DECIMALS = 4
_DECIMALS = 2
"""Of a result that has more than ``_EXACT_DECIMALS``."""
_LONGEST_RESULT = 1 + _MOST_DIGITS + 1 + _EXACT_DECIMALS
"""Tokens of a result: a sign, the digits and the point."""
_NUMBER = r"\(*\d+(?:\.\d+)?\)*"
_EXPRESSION = re.compile(
    rf"(?<![\d.])(?<![-+×÷*/] )({_NUMBER}(?: (?:[-+×÷*/]|div|mod) {_NUMBER})+) =$"
)
_IN_PYTHON = {"×": "*", "÷": "/", "div": "//", "mod": "%"}


def completion(text: str) -> str | None:
    """The result of the equation that a text has begun at its end; None when there is none.

    Known are + - × ÷ * /, ``div`` (whole quotient), ``mod`` (remainder) and brackets.
    """
    found = _EXPRESSION.search(text)
    if found is None:
        return None
    words = (_IN_PYTHON.get(word, word) for word in found.group(1).split())
    formula = " ".join(words)
    try:
        return written(_value(ast.parse(formula, mode="eval").body, formula))
    except (SyntaxError, ZeroDivisionError):
        return None


def written(number: Fraction) -> str | None:
    """A number as a person writes it, "3.5" or "3.33"; None when it is overlong."""
    exact = (number * 10**_EXACT_DECIMALS).denominator == 1
    decimals = _EXACT_DECIMALS if exact else _DECIMALS
    scaled = round(number * 10**decimals)
    whole, rest = divmod(abs(scaled), 10**decimals)
    if len(str(whole)) > _MOST_DIGITS:
        return None
    fraction = f"{rest:0{decimals}}".rstrip("0")
    return f"{'-' if scaled < 0 else ''}{whole}{'.' if fraction else ''}{fraction}"


def _value(node: ast.expr, formula: str) -> Fraction:
    match node:
        case ast.BinOp(left, sign, right):
            sides = _value(left, formula), _value(right, formula)
            return _OPERATIONS[type(sign)](*sides)
        case ast.Constant():
            # Not the constant itself, which is a float.
            return Fraction(ast.get_source_segment(formula, node) or "")
    raise SyntaxError(f"{formula} is more than numbers and operations")


_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda left, right: Fraction(left // right),
    ast.Mod: operator.mod,
}


class Calculator:
    """Says which token an answer has to go on with, where it stands in the result of an equation.

    It keeps nothing of an answer, so one calculator serves any number of them.
    """

    def __init__(self, tokenizer: "Tokenizer") -> None:
        """Find the tokens that end in a sign of equality."""
        self._tokenizer = tokenizer
        self._equals = frozenset(
            number
            for token, number in tokenizer.get_vocab(with_added_tokens=False).items()
            if token.endswith("=")
        )

    def result(self, answer: Sequence[int]) -> list[int]:
        """The tokens of the result that is to follow an answer; none when it begins no equation."""
        if not answer or answer[-1] not in self._equals:
            return []
        result = completion(self._tokenizer.decode(answer[-_REACH:]))
        return [] if result is None else self._tokenizer.encode(f" {result}").ids

    def next(self, answer: Sequence[int]) -> int | None:
        """The token that has to follow an answer; None when any may.

        Args:
            answer: Its tokens so far.
        """
        if self._equals.isdisjoint(answer[-_LONGEST_RESULT:]):
            return None
        for length in range(min(len(answer), _LONGEST_RESULT)):
            end = len(answer) - length
            if answer[end - 1] in self._equals:
                result = self.result(answer[:end])
                begun = list(answer[end:]) == result[:length]
                return result[length] if begun and length < len(result) else None
        return None

    def results(self, answer: Sequence[int]) -> list[bool]:
        """Which tokens of a whole answer are results that the calculator writes."""
        inserted = [False] * len(answer)
        for place, token in enumerate(answer):
            if token in self._equals:
                result = self.result(answer[: place + 1])
                if list(answer[place + 1 : place + 1 + len(result)]) == result:
                    inserted[place + 1 : place + 1 + len(result)] = [True] * len(result)
        return inserted
