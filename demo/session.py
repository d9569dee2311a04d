"""What one visitor has spent so far, and what exhaustive prompting would have cost instead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.ask import Answer
from core.ledger import Entry
from core.ranking import Ranking


@dataclass(frozen=True)
class Asked:
    """One answered question in numbers.

    Attributes:
        calls: Spent on it.
        exhaustive_calls: What exhaustive prompting takes: one for each prompt.
        tokens: Spent, 0 where they were not counted.
        exhaustive_tokens: Expected from the log.
        dollars: Spent, None without a price.
        exhaustive_dollars: At the same price for the expected tokens, None without a price.
    """

    calls: int
    exhaustive_calls: int
    tokens: int
    exhaustive_tokens: float
    dollars: float | None
    exhaustive_dollars: float | None


@dataclass(frozen=True)
class Session:
    """Everything that a visitor asked, newest last.

    Attributes:
        questions: Those that were answered; comparisons are left out.
        entries: Every try of every call, comparisons, failures and stopped runs included.
    """

    questions: tuple[Asked, ...] = ()
    entries: tuple[Entry, ...] = ()

    def with_answer(self, answer: Answer, ranking: Ranking) -> "Session":
        """One more question."""
        expected = expected_tokens(ranking)
        per_token = answer.dollars / answer.tokens if answer.dollars and answer.tokens else None
        asked = Asked(
            len(answer.calls),
            len(ranking.prompts),
            answer.tokens or 0,
            expected,
            answer.dollars,
            None if per_token is None else per_token * expected,
        )
        entries = self.entries + answer.entries
        return replace(self, questions=(*self.questions, asked), entries=entries)

    def with_entries(self, entries: Sequence[Entry]) -> "Session":
        """Calls that belong to no question of their own: a comparison, a failure, a stopped run."""
        return replace(self, entries=self.entries + tuple(entries))


def expected_tokens(ranking: Ranking) -> float:
    """Tokens of one call with every prompt; one that was never logged counts like the mean."""
    known = [float(count) for count in ranking.tokens if count == count]
    return len(ranking.prompts) * sum(known) / len(known) if known else 0.0
