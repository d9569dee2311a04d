"""Published questions whose numbers can be drawn anew, because their equation is known.

MAWPS, ASDiv-A and SVAMP as the SVAMP repository lays them out: a question with ``numberK`` in place
of its numbers, the numbers, and the equation in prefix notation over them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from core.embedded_training.questions.expressions import (
    Expression,
    Operation,
    Symbol,
    apply,
    is_plain,
    show,
    steps,
)
from core.embedded_training.questions.stories import Question
from core.logs.published import with_numbers

_SYMBOLS: dict[str, Symbol] = {"+": "+", "-": "-", "*": "×", "/": "÷"}
_INVERSE: dict[Symbol, Symbol] = {"+": "-", "-": "+", "×": "÷", "÷": "×"}
_PLACE = re.compile(r"number(\d+)$")
_TRIES = 40
_MOST = 10**6
_SELDOM = 1000
"""Numbers above it are mostly replaced by small ones: their digits take long to learn."""


@dataclass(frozen=True)
class _Node:
    """An equation whose leaves are positions of numbers (int) or constants (Fraction)."""

    symbol: Symbol
    left: "_Equation"
    right: "_Equation"


_Equation = _Node | int | Fraction


@dataclass(frozen=True)
class Template:
    """A question with places for its numbers.

    Attributes:
        text: The question with ``numberK`` placeholders.
        numbers: The numbers it was published with.
        equation: Over positions in ``numbers``.
        answer: The published answer.
        source: ``mawps``, ``asdiv`` or ``svamp``.
    """

    text: str
    numbers: tuple[Fraction, ...]
    equation: _Equation
    answer: str
    source: str

    @property
    def query(self) -> str:
        """The question with its published numbers, whole ones without ".0"."""
        return self._fill(self.numbers).text

    @property
    def operations(self) -> int:
        """How many operations the equation has."""
        return len(steps(self._fill(self.numbers).expression))

    def resampled(self, random: Random) -> Question | None:
        """The same question about other numbers of like size; None when none were found.

        Whole numbers stay whole, nothing becomes negative, and what is divided comes out even.
        """
        whole = all(number.denominator == 1 for number in self.numbers)
        same = self._same()
        for _ in range(_TRIES):
            numbers = [_like(number, random) for number in self.numbers]
            try:
                _mend_division(self.equation, numbers, random)
                numbers = [numbers[place] for place in same]
                question = self._fill(numbers)
                results = [step.result for step in steps(question.expression)]
            except ZeroDivisionError:
                continue
            fits = all(is_plain(number) and 0 < number < _MOST for number in [*results, *numbers])
            if results and fits and (not whole or all(n.denominator == 1 for n in results)):
                return question
        return None

    def _same(self) -> list[int]:
        """For each number the place of the one that it has to equal, mostly its own.

        Where two published numbers are equal, the published equation may name the first for both.
        """
        first = [self.numbers.index(number) for number in self.numbers]
        every = range(len(first))
        return first if set(every) - _places(self.equation) - set(first) else list(every)

    def _fill(self, numbers: Sequence[Fraction]) -> Question:
        written = [show(number) for number in numbers]
        return Question(with_numbers(self.text, written), _expression(self.equation, numbers))


def read_equation(prefix: str) -> _Equation:
    """Read prefix notation, such as ``- + number0 number1 4``.

    Raises:
        ValueError: it is no equation over +, -, * and /.
    """
    tokens = iter(prefix.split())
    equation = _read(tokens)
    if rest := " ".join(tokens):
        raise ValueError(f"{prefix!r} goes on after its end: {rest!r}")
    return equation


def _read(tokens: Iterator[str]) -> _Equation:
    token = next(tokens, "")
    if token in _SYMBOLS:
        return _Node(_SYMBOLS[token], _read(tokens), _read(tokens))
    place = _PLACE.match(token)
    return int(place.group(1)) if place else Fraction(token)


def _expression(equation: _Equation, numbers: Sequence[Fraction]) -> Expression:
    if isinstance(equation, _Node):
        return Operation(
            equation.symbol,
            _expression(equation.left, numbers),
            _expression(equation.right, numbers),
        )
    return numbers[equation] if isinstance(equation, int) else equation


def _places(equation: _Equation) -> set[int]:
    """The positions of numbers that an equation uses."""
    if isinstance(equation, _Node):
        return _places(equation.left) | _places(equation.right)
    return {equation} if isinstance(equation, int) else set()


def _value(equation: _Equation, numbers: Sequence[Fraction]) -> Fraction:
    if isinstance(equation, _Node):
        left, right = _value(equation.left, numbers), _value(equation.right, numbers)
        return apply(equation.symbol, left, right)
    return numbers[equation] if isinstance(equation, int) else equation


def _like(number: Fraction, random: Random) -> Fraction:
    """A number of about the size and with the decimals of the given one."""
    decimals = 0 if number.denominator == 1 else 1 if (number * 10).denominator == 1 else 2
    scale = 10**decimals
    size = max(2, int(number * scale))
    low, high = (2, 12) if size <= 12 else (max(2, size // 4), size * 2)
    if random.random() < (0.25 if size <= _SELDOM * scale else 0.7):
        low, high = 2, 100 * scale
    return Fraction(random.randint(low, high), scale)


def _mend_division(equation: _Equation, numbers: list[Fraction], random: Random) -> None:
    """Change one number so that an outermost division has a whole result."""
    if not isinstance(equation, _Node):
        return
    if equation.symbol != "÷":
        _mend_division(equation.left, numbers, random)
        _mend_division(equation.right, numbers, random)
        return
    _force(equation.left, _value(equation.right, numbers) * random.randint(2, 40), numbers)


def _force(equation: _Equation, target: Fraction, numbers: list[Fraction]) -> None:
    """Set the first number of ``equation`` so that its value becomes ``target``."""
    while isinstance(equation, _Node):
        target = apply(_INVERSE[equation.symbol], target, _value(equation.right, numbers))
        equation = equation.left
    if isinstance(equation, int):
        numbers[equation] = target
