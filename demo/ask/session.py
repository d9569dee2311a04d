"""What one visitor has spent so far, and what exhaustive prompting would have cost instead."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.asking.ranking import Ranking
from core.asking.solve import Answer
from core.costs.cost import NOTHING, Cost
from core.costs.ledger import Entry, Ledger

KEPT = 500
"""Calls of a session that can be read and downloaded; sums are over all of them."""


@dataclass(frozen=True)
class Asked:
    """One answered question in numbers.

    Attributes:
        calls: Spent on it.
        exhaustive_calls: What exhaustive prompting takes: one for each prompt.
        tokens: Spent, None where they were not counted.
        exhaustive_tokens: Expected from the log, None where it has no counts.
        cost: Spent.
        exhaustive_dollars: At the same price for the expected tokens, None where either is unknown.
        correct: Whether it was answered rightly, None where nobody knows.
        exhaustive_correct: The same of exhaustive prompting, None too where it was not asked.
    """

    calls: int
    exhaustive_calls: int
    tokens: int | None
    exhaustive_tokens: float | None
    cost: Cost
    exhaustive_dollars: float | None
    correct: bool | None = None
    exhaustive_correct: bool | None = None


@dataclass
class Session:
    """Everything that a visitor asked, newest last.

    Threads that run side by side append to it and nobody copies it, so that nothing is lost when
    two answers come at once. It holds no lock: Gradio makes each visitor's by copying an empty one.

    Attributes:
        questions: Those that were answered; comparisons are left out.
        entries: The latest tries of calls; comparisons, failures and stopped runs included.
        calls: All tries that were answered.
        cost: Of all tries that have a price.
    """

    questions: list[Asked] = field(default_factory=list)
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    calls: int = 0
    cost: Cost = NOTHING

    def add(self, entry: Entry) -> None:
        """One more try of a call."""
        self.entries.append(entry)
        self.calls += entry.outcome == "ok"
        if entry.cost.dollars is not None:
            self.cost += entry.cost

    def count(self, answer: Answer, ranking: Ranking) -> int:
        """One more question, whose calls are here already; returns its number."""
        expected = ranking.expected_tokens
        self.questions.append(
            Asked(
                len(answer.calls),
                len(ranking.prompts),
                answer.tokens,
                expected,
                answer.cost,
                answer.dollars_of(expected),
                answer.correct,
            )
        )
        return len(self.questions) - 1

    def compare(self, number: int, every: Answer) -> None:
        """What exhaustive prompting made of the question that ``count`` gave this number."""
        if number < len(self.questions):
            asked = self.questions[number]
            self.questions[number] = replace(asked, exhaustive_correct=every.correct)

    def clear(self) -> None:
        """Begin anew."""
        self.questions.clear()
        self.entries.clear()
        self.calls, self.cost = 0, NOTHING


class SessionLedger(Ledger):
    """The ledger of a run, which tells the session of every try as it ends."""

    def __init__(self, session: Session, entries: Iterable[Entry] = ()) -> None:
        super().__init__(entries)
        self._session = session

    def add(self, item: Entry) -> None:
        """Append one entry here and there."""
        super().add(item)
        self._session.add(item)
