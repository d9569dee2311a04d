"""One call of the LLM protocol: its attempts journalled and paid as they end."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.collect.batch import Batch
from core.collect.budget import Budget
from core.collect.journal import Event, Journal, attempted, ended, started
from core.collect.plan import Job
from core.costs.ledger import Ledger, entry
from core.llms.base import Attempt, Completion, Control, Failure

_FINAL = ("ok", "cancelled")
"""Outcomes of an attempt after which its call is not tried again."""


@dataclass(frozen=True)
class Books:
    """Where every attempt is written down."""

    journal: Journal
    budget: Budget
    ledger: Ledger


class Asking:
    """A batch while it is asked; money for it has been set aside.

    Attributes:
        over_limit: Whether a call was given up because the limit had no room to try it again.
    """

    def __init__(self, job: Job, batch: Batch, books: Books, stopping: Callable[[], bool]) -> None:
        self.over_limit = threading.Event()
        self._job = job
        self._batch = batch
        self._books = books
        self._stopping = stopping
        self._aside = [call.most for call in batch.calls]

    def run(self, record: Callable[[int, Sequence[Completion | Failure]], None]) -> None:
        """Ask, and hand the results of each unit to ``record``.

        Raises:
            LLMError: nothing can be answered at all.
        """
        control = Control(on_attempt=self._on_attempt, cancelled=self._is_cancelled)
        self._write_aside(started)
        try:
            results = self._job.llm.complete([call.message for call in self._batch.calls], control)
            for number, places in self._batch.units.items():
                record(number, [results[place] for place in places])
        finally:
            self._write_aside(ended)
            self._books.budget.release(sum(self._aside))

    def _is_cancelled(self) -> bool:
        return self.over_limit.is_set() or self._stopping()

    def _write_aside(self, event: Callable[[int, float], Event]) -> None:
        """Journal what is set aside for each unit; where nothing costs there is nothing to say."""
        if self._batch.most:
            self._books.journal.write(
                event(number, sum(self._aside[place] for place in places))
                for number, places in self._batch.units.items()
            )

    def _on_attempt(self, attempt: Attempt) -> None:
        call = self._batch.calls[attempt.position]
        item = entry(
            attempt,
            self._job.llm,
            message=call.message,
            policy="collect",
            prompt_id=call.prompt_id,
        )
        # A limit that cannot be kept for want of a price was refused at the start.
        counted, settled = item.dollars or 0.0, 0.0
        final = attempt.outcome in _FINAL
        if final:
            settled, self._aside[attempt.position] = self._aside[attempt.position], 0.0
        self._books.ledger.add(item)
        self._books.journal.write([attempted(item, call.unit, counted, settled)])
        if not self._books.budget.charge(counted, settled) and not final:
            self.over_limit.set()
