"""What one visitor has spent so far, and what exhaustive prompting would have cost instead."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.asking.ranking import Ranking
from core.asking.solve import Answer
from core.costs.cost import NO_TOKENS, NOTHING, Cost, Tokens
from core.costs.ledger import Entry, Ledger
from core.costs.prices import Price

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
        took: Tokens that have a price, or would have one.
        correct: Whether it was answered rightly, None where nobody knows.
        exhaustive_correct: The same of exhaustive prompting, None too where it was not asked.
    """

    calls: int
    exhaustive_calls: int
    tokens: int | None
    exhaustive_tokens: float | None
    cost: Cost
    took: Tokens
    correct: bool | None = None
    exhaustive_correct: bool | None = None

    def against(self, stand_in: Price | None) -> tuple[Cost, float] | None:
        """Its cost and the dollars of exhaustive prompting at as much a token.

        None where either is unknown; a bound says nothing of what a token costs.

        Args:
            stand_in: The price where there is none.
        """
        cost = self.cost.or_at(stand_in, self.took)
        if not (self.tokens and self.exhaustive_tokens and cost.dollars) or cost.bound:
            return None
        return cost, cost.dollars / self.tokens * self.exhaustive_tokens


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
        unpriced: Tokens of all others.
        stand_in: The price that these are shown at, None where nobody chose one.
    """

    questions: list[Asked] = field(default_factory=list)
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    calls: int = 0
    cost: Cost = NOTHING
    unpriced: Tokens = NO_TOKENS
    stand_in: Price | None = None

    def add(self, entry: Entry) -> None:
        """One more try of a call."""
        self.entries.append(entry)
        self.calls += entry.outcome == "ok"
        if entry.dollars is None:
            self.unpriced += entry.took
        else:
            self.cost += entry.cost

    def count(self, answer: Answer, ranking: Ranking) -> int:
        """One more question, whose calls are here already; returns its number."""
        self.questions.append(
            Asked(
                len(answer.calls),
                len(ranking.prompts),
                answer.tokens,
                ranking.expected_tokens,
                answer.cost,
                answer.took,
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
        self.calls, self.cost, self.unpriced = 0, NOTHING, NO_TOKENS


class SessionLedger(Ledger):
    """The ledger of a run, which tells the session of every try as it ends."""

    def __init__(self, session: Session, entries: Iterable[Entry] = ()) -> None:
        super().__init__(entries)
        self._session = session

    def add(self, item: Entry) -> None:
        """Append one entry here and there."""
        super().add(item)
        self._session.add(item)
