"""Questions that are arithmetic and nothing else."""

from random import Random
from typing import TypeGuard

from core.embedded_training.questions.expressions import Expression, Operation, inline
from core.embedded_training.questions.phrases import PHRASES
from core.embedded_training.questions.vocabulary import factor, measure, number

_SPOKEN = {"+": "spoken_plus", "-": "spoken_minus", "×": "spoken_times", "÷": "spoken_divided"}
"""Names of phrases that say an operation in words."""
_SIGNS = {
    "×": ("×", "*", "x", "*"),
    "÷": ("÷", "/", "/", ":"),
    "+": ("+",),
    "-": ("-", "-", "−"),
}


def one_step(random: Random) -> Operation:
    """An operation whose result is not negative and has few decimals."""
    symbol = random.choice("+-×÷")
    decimal = random.random() < 0.15
    if symbol == "+":
        draw = measure if decimal else number
        return Operation("+", draw(random), draw(random))
    if symbol == "-":
        draw = measure if decimal else number
        low, high = sorted((draw(random), draw(random)))
        return Operation("-", high, low)
    small = factor(random)
    large = number(random) if random.random() < 0.6 else factor(random)
    if decimal and symbol == "×":
        large = round(measure(random), 1)
    if symbol == "×":
        return Operation("×", *random.sample((small, large), 2))
    return Operation("÷", small * large, small)


def several_steps(random: Random) -> Expression:
    """Two operations, brackets allowed."""
    inner = one_step(random)
    small = factor(random)
    shape = random.randrange(4)
    if shape == 0:
        sides: list[Expression] = [inner, number(random)]
        return Operation("+", *random.sample(sides, 2))
    if shape == 1:
        return Operation("×", inner, small)
    if shape == 2:
        return Operation("-", number(random) + 100, inner)
    return Operation("÷", Operation("+", small * number(random) - 1, small + 1), small)


def _is_simple(expression: Expression) -> TypeGuard[Operation]:
    """Whether it is one operation on two numbers."""
    return isinstance(expression, Operation) and not any(
        isinstance(side, Operation) for side in (expression.left, expression.right)
    )


def question(random: Random, expression: Expression, unseen: bool) -> str:
    """Ask for the value of an expression in signs or in words."""
    if _is_simple(expression) and random.random() < 0.5:
        spoken = PHRASES[_SPOKEN[expression.symbol]].draw(random, unseen)
        return spoken.format(a=inline(expression.left), b=inline(expression.right))
    written = inline(expression)
    for symbol, signs in _SIGNS.items():
        written = written.replace(symbol, random.choice(signs))
    if random.random() < 0.3:
        written = written.replace(" ", "")
    return PHRASES["compute"].draw(random, unseen).format(e=written)
