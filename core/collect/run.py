"""Asking: many calls at a time, each journalled as it ends, stopped by money, people or failure."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from core.collect.budget import Budget
from core.collect.journal import Event, Journal, attempted, done, ended, started
from core.collect.plan import Batch, Job, Unit, batches
from core.collect.progress import Failed, Progress, StoppedError, kept, over_limit
from core.costs.ledger import Ledger, entry
from core.llms.base import Attempt, Completion, Control, Failure, LLMError
from core.llms.failures import CONSEQUENCES, FailureKind

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


class Run:
    """One run of a collection over an open journal.

    Attributes:
        answers: Those of each finished unit, by its position.
        ledger: All attempts, of earlier runs too.
    """

    def __init__(
        self,
        job: Job,
        journal: Journal,
        budget: Budget,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.answers = dict(journal.state.done)
        self.ledger = Ledger(journal.state.entries)
        self._job = job
        self._books = Books(journal, budget, self.ledger)
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._priced = job.price() is not None
        self._done = sum(map(len, self.answers.values()))
        self._cut = sum(map(_cut, self.answers.values()))
        self._failed: dict[FailureKind, Failed] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._limit_reached = threading.Event()

    @property
    def progress(self) -> Progress:
        """How far the run is."""
        dollars = self._books.budget.spent if self._priced else None
        with self._lock:
            failed = tuple(self._failed.values())
            return Progress(self._done, self._job.calls, dollars, failed, self._cut)

    def execute(self, concurrency: int, batch_size: int) -> None:
        """Ask what is left; returns when each unit was answered or has failed.

        Raises:
            DataError: the journal cannot be written.
            StoppedError: the limit was reached, or the run was cancelled.
            LLMError: a failure that every further call would share.
        """
        remote = self._job.llm.base_url is not None
        # Threads that ask a local LLM would only wait for each other; it takes many at once.
        workers, size = (concurrency, 1) if remote else (1, batch_size)
        try:
            self._ask(list(batches(self._job, self._left(), size)), workers)
        except KeyboardInterrupt:
            raise self._was_cancelled() from None
        for failed in self._failed.values():
            if CONSEQUENCES[failed.kind].fatal:
                raise LLMError(Failure(failed.kind, f"{failed.message} {self._kept()}"))
        left = self._left()
        if left and self._limit_reached.is_set():
            raise self._was_limited(left[0][1])
        if left and self._cancelled():
            raise self._was_cancelled()

    def _left(self) -> list[tuple[int, Unit]]:
        units = enumerate(self._job.units)
        return [(number, unit) for number, unit in units if number not in self.answers]

    def _ask(self, waiting: list[Batch], workers: int) -> None:
        """Keep all workers busy until nothing is left or the run has to stop."""
        waiting.reverse()
        running: set[Future[None]] = set()
        pool = ThreadPoolExecutor(workers, thread_name_prefix="collect")
        try:
            while True:
                while waiting and len(running) < workers and self._may_start(waiting[-1], running):
                    running.add(pool.submit(self._answer, waiting.pop()))
                # After new calls have started, so that no worker waits for the disk.
                self._books.journal.sync()
                self._on_progress(self.progress)
                if not running:
                    return
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    future.result()
        finally:
            self._stop.set()
            pool.shutdown()
            self._books.journal.sync()

    def _may_start(self, batch: Batch, running: set[Future[None]]) -> bool:
        if self._is_stopping() or self._limit_reached.is_set():
            return False
        if self._books.budget.reserve(batch.most):
            return True
        # Running calls may cost less than was set aside for them, which leaves room for this one.
        if not running:
            self._limit_reached.set()
        return False

    def _is_stopping(self) -> bool:
        return self._stop.is_set() or self._cancelled()

    def _answer(self, batch: Batch) -> None:
        asking = Asking(self._job, batch, self._books, self._is_stopping)
        asking.run(self._record)
        if asking.over_limit.is_set():
            self._limit_reached.set()

    def _record(self, number: int, results: Sequence[Completion | Failure]) -> None:
        """Keep the answers of a unit, or note its failures."""
        failures = [result for result in results if isinstance(result, Failure)]
        if not failures:
            answers = tuple(_storable(one) for one in results if isinstance(one, Completion))
            self._books.journal.write([done(number, answers)])
            with self._lock:
                self.answers[number] = answers
                self._done += len(answers)
                self._cut += _cut(answers)
        for failure in failures:
            self._note(failure)

    def _note(self, failure: Failure) -> None:
        kind = failure.kind
        if kind == "cancelled":
            return
        with self._lock:
            before = self._failed.get(kind, Failed(kind, 0, failure.message))
            self._failed[kind] = replace(before, calls=before.calls + 1)
        if CONSEQUENCES[kind].fatal:
            self._stop.set()

    def _kept(self) -> str:
        return kept(self.progress, self._books.journal.path.name)

    def _was_cancelled(self) -> StoppedError:
        return StoppedError("cancelled", f"Stopped. {self._kept()}", self.progress)

    def _was_limited(self, unit: Unit) -> StoppedError:
        now, limit = self.progress, self._books.budget.limit or 0.0
        most = self._job.most_dollars(unit) * len(unit.cells)
        return StoppedError("limit", over_limit(now, limit, most), now)


def _cut(answers: Sequence[Completion]) -> int:
    """How many ended at the limit of tokens."""
    return sum(answer.finish_reason == "length" for answer in answers)


def _storable(answer: Completion) -> Completion:
    """Half characters, which JSON can carry, cannot be written as UTF-8."""
    text = answer.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return replace(answer, text=text)
