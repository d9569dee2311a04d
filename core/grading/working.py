"""What the text of an answer shows of how its number was reached."""

from dataclasses import dataclass
from functools import lru_cache

from core.grading.equations import Equation, equations
from core.grading.final_answer import canonical
from core.grading.numbers import numbers


@dataclass(frozen=True, slots=True)
class Working:
    """Read from an answer's text; numbers as ``answers.canonical`` writes them.

    Attributes:
        equations: How many it has.
        wrong: How many of them do not hold.
        slip: The first of those, None without any.
        last: What the last one comes to, None without any.
        results: What each comes to.
        numbers: All numbers of the text.
        characters: Its length.
    """

    equations: int
    wrong: int
    slip: Equation | None
    last: str | None
    results: frozenset[str]
    numbers: frozenset[str]
    characters: int

    @property
    def sound(self) -> bool:
        """Whether it has equations, all of which hold."""
        return self.equations > 0 and not self.wrong


@lru_cache(maxsize=2**14)
def read_working(text: str) -> Working:
    """Read the text of an answer; what was read of recent ones is remembered."""
    found = equations(text)
    wrong = [equation for equation in found if not equation.holds]
    results = [canonical(equation.right) for equation in found]
    return Working(
        len(found),
        len(wrong),
        wrong[0] if wrong else None,
        results[-1] if results else None,
        frozenset(results),
        frozenset(canonical(number.value) for number in numbers(text)),
        len(text),
    )
