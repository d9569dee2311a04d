"""What is wrong with a row of a log, in words that its owner can act on."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SHOWN = 20
"""Problems that are spelt out; all of them are counted."""
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Problem:
    """One cell, or row, that a log must not hold.

    Attributes:
        row: Counted from 1, without the header.
        column: Its name.
        value: The cell as it would be written in Python, shortened.
        rule: What is allowed, as the end of a sentence that begins with "it".
    """

    row: int
    column: str
    value: str
    rule: str

    def __str__(self) -> str:
        """The problem as one sentence."""
        return f"Row {self.row:,}: {self.column} is {self.value}; it {self.rule}."


@dataclass(frozen=True)
class Fault:
    """Rows that break one rule.

    Attributes:
        column: Where.
        bad: Whether each row breaks it, shape (rows,).
        values: The cells, shape (rows,).
        rule: What is allowed; a function where it depends on the row, counted from 0.
    """

    column: str
    bad: np.ndarray
    values: Sequence[Any]
    rule: str | Callable[[int], str]

    def problems(self) -> list[Problem]:
        """The first ``SHOWN`` of them."""
        return [
            Problem(
                row + 1,
                self.column,
                shown(self.values[row]),
                self.rule if isinstance(self.rule, str) else self.rule(row),
            )
            for row in np.flatnonzero(self.bad)[:SHOWN].tolist()
        ]


@dataclass(frozen=True)
class Problems:
    """The problems of a log: the first ones by row, and how many there are."""

    first: tuple[Problem, ...] = ()
    count: int = 0

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "Problems":
        """Collect the problems of all rules."""
        found = sorted(
            (problem for fault in faults for problem in fault.problems()),
            key=lambda problem: problem.row,
        )
        return cls(tuple(found[:SHOWN]), sum(int(fault.bad.sum()) for fault in faults))

    def __str__(self) -> str:
        """The first problem and how many others there are; empty without any."""
        others = self.count - 1
        if others < 0:
            return ""
        if not others:
            return str(self.first[0])
        return f"{self.first[0]} {others:,} more problem{'s' if others > 1 else ''} in other cells."


def shown(value: object) -> str:
    """A cell as an error shows it: short, and a text told from a number by its quotes."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "empty"
    text = repr(value if not isinstance(value, str) else value[: _LONGEST_VALUE + 1])
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
