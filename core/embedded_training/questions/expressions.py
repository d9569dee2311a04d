"""Arithmetic expressions with exact values, and how they are written."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Symbol = Literal["+", "-", "×", "÷", "div", "mod"]
"""``div`` is the whole quotient and ``mod`` the remainder."""
_BINDS = {"+": 1, "-": 1, "×": 2, "÷": 2, "div": 2, "mod": 2}
_MOST_DECIMALS = 2


@dataclass(frozen=True)
class Operation:
    """Two expressions and what joins them."""

    symbol: Symbol
    left: "Expression"
    right: "Expression"


Expression = Fraction | Operation


@dataclass(frozen=True)
class Step:
    """One operation on two numbers and its result."""

    left: Fraction
    symbol: Symbol
    right: Fraction
    result: Fraction

    def __str__(self) -> str:
        return f"{show(self.left)} {self.symbol} {show(self.right)} = {show(self.result)}"


def apply(symbol: Symbol, left: Fraction, right: Fraction) -> Fraction:
    """The result of one operation.

    Raises:
        ZeroDivisionError: division by zero.
    """
    if symbol == "+":
        return left + right
    if symbol == "-":
        return left - right
    if symbol == "×":
        return left * right
    if symbol == "÷":
        return left / right
    return Fraction(left // right) if symbol == "div" else left % right


def value(expression: Expression) -> Fraction:
    """The value of an expression."""
    if isinstance(expression, Fraction):
        return expression
    return apply(expression.symbol, value(expression.left), value(expression.right))


def steps(expression: Expression) -> list[Step]:
    """The operations in the order in which they are carried out, each once, the last one last."""
    if isinstance(expression, Fraction):
        return []
    left, right = value(expression.left), value(expression.right)
    last = Step(left, expression.symbol, right, apply(expression.symbol, left, right))
    # Kept where it was taken before too: (2 × 1) × (2 - 1) must not end with 2 - 1.
    return [*dict.fromkeys([*steps(expression.left), *steps(expression.right)]), last]


def leaves(expression: Expression) -> Iterator[Fraction]:
    """The numbers of an expression from left to right."""
    if isinstance(expression, Fraction):
        yield expression
    else:
        yield from leaves(expression.left)
        yield from leaves(expression.right)


def is_plain(number: Fraction) -> bool:
    """Whether a number is not negative and has at most two decimals."""
    return number >= 0 and (number * 10**_MOST_DECIMALS).denominator == 1


def show(number: Fraction) -> str:
    """Write a number with at most two decimals: "12", "3.5"."""
    if number.denominator == 1:
        return str(number.numerator)
    return f"{float(number):.{_MOST_DECIMALS}f}".rstrip("0").rstrip(".")


def inline(expression: Expression) -> str:
    """Write an expression on one line with the brackets it needs."""
    if isinstance(expression, Fraction):
        return show(expression)
    strength = _BINDS[expression.symbol]
    left, right = inline(expression.left), inline(expression.right)
    if isinstance(expression.left, Operation) and _BINDS[expression.left.symbol] < strength:
        left = f"({left})"
    if isinstance(expression.right, Operation):
        other = _BINDS[expression.right.symbol]
        if other < strength or (other == strength and expression.symbol not in "+×"):
            right = f"({right})"
    return f"{left} {expression.symbol} {right}"
