"""Asking: many calls at a time, each journalled as it ends, stopped by money, people or failure."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import islice

from core.collect.budget import Budget
from core.collect.journal import Journal
from core.collect.plan import Cell, Job, Unit, batches
from core.collect.progress import Failed, Progress, StoppedError
from core.costs.ledger import Ledger, entry
from core.llms.base import Attempt, Completion, Control, Failure, LLMError
from core.llms.failures import CONSEQUENCES, FailureKind

_FINAL = ("ok", "cancelled")
"""Outcomes of an attempt after which its call is not tried again."""


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
    ) -> None:
        self.answers = dict(journal.state.done)
        self.ledger = Ledger(journal.state.entries)
        self._job = job
        self._journal = journal
        self._budget = budget
        self._on_progress = on_progress
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
        dollars = self._budget.spent if self._priced else None
        with self._lock:
            failed = tuple(self._failed.values())
            return Progress(self._done, self._job.calls, dollars, failed, self._cut)

    def execute(self, concurrency: int, batch_size: int) -> None:
        """Ask what is left; returns when each unit was answered or has failed.

        Raises:
            DataError: the journal cannot be written.
            StoppedError: the limit was reached, or Ctrl-C was pressed.
            LLMError: a failure that every further call would share.
        """
        remote = self._job.llm.base_url is not None
        # Threads that ask a local LLM would only wait for each other; it takes many at once.
        workers, size = (concurrency, 1) if remote else (1, batch_size)
        try:
            self._ask(list(batches(self._left(), size)), workers)
        except KeyboardInterrupt:
            raise StoppedError("cancelled", f"Stopped. {self._kept()}", self.progress) from None
        for failed in self._failed.values():
            if CONSEQUENCES[failed.kind].fatal:
                raise LLMError(Failure(failed.kind, f"{failed.message} {self._kept()}"))
        left = self._left()
        if left and self._limit_reached.is_set():
            raise self._was_limited(left[0])

    def _left(self) -> list[Unit]:
        return [unit for unit in self._job.units if unit.number not in self.answers]

    def _ask(self, waiting: list[list[Unit]], workers: int) -> None:
        """Keep all workers busy until nothing is left or the run has to stop."""
        waiting.reverse()
        running: set[Future[None]] = set()
        pool = ThreadPoolExecutor(workers, thread_name_prefix="collect")
        try:
            while True:
                while waiting and len(running) < workers:
                    aside = {unit.number: self._job.most_dollars(unit) for unit in waiting[-1]}
                    if not self._may_start(sum(aside.values()), running):
                        break
                    running.add(pool.submit(self._answer, waiting.pop(), aside))
                # After new calls have started, so that no worker waits for the disk.
                self._journal.sync()
                self._on_progress(self.progress)
                if not running:
                    return
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    future.result()
        finally:
            self._stop.set()
            pool.shutdown()
            self._journal.sync()

    def _may_start(self, most: float, running: set[Future[None]]) -> bool:
        if self._stop.is_set() or self._limit_reached.is_set():
            return False
        if self._budget.reserve(most):
            return True
        # Running calls may cost less than was set aside for them, which leaves room for this one.
        if not running:
            self._limit_reached.set()
        return False

    def _answer(self, batch: list[Unit], aside: dict[int, float]) -> None:
        """Ask the calls of a batch, for whose units money has been set aside.

        Raises:
            LLMError: nothing can be answered at all.
        """
        calls = [(unit, cell) for unit in batch for cell in unit.cells]
        no_room = threading.Event()

        def on_attempt(attempt: Attempt) -> None:
            if not self._count(attempt, *calls[attempt.position]):
                no_room.set()

        control = Control(on_attempt, cancelled=lambda: no_room.is_set() or self._stop.is_set())
        most = sum(aside.values())
        # Where nothing costs there is nothing to say.
        if most:
            self._journal.start(aside)
        try:
            results = iter(self._job.llm.complete([unit.message for unit, _ in calls], control))
            for unit in batch:
                self._record(unit.number, list(islice(results, len(unit.cells))))
        finally:
            if most:
                self._journal.end(aside)
            self._budget.release(most)
        if no_room.is_set():
            self._limit_reached.set()

    def _count(self, attempt: Attempt, unit: Unit, cell: Cell) -> bool:
        """Write an attempt down; False when the limit has no room to try its call again."""
        item = entry(
            attempt,
            self._job.llm,
            message=unit.message,
            policy="collect",
            prompt_id=self._job.prompts[cell.prompt].id,
        )
        self.ledger.add(item)
        self._journal.attempt(unit.number, item)
        # A limit that cannot be kept for want of a price was refused at the start.
        dollars = item.dollars or 0.0
        return self._budget.charge(dollars) or not dollars or attempt.outcome in _FINAL

    def _record(self, number: int, results: Sequence[Completion | Failure]) -> None:
        """Keep the answers of a unit, or note its failures."""
        failures = [result for result in results if isinstance(result, Failure)]
        if not failures:
            answers = tuple(_storable(one) for one in results if isinstance(one, Completion))
            self._journal.done(number, answers)
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
        return (
            f"{self.progress.done:,} of {self._job.calls:,} calls are answered and kept in "
            f"{self._journal.path.name}; the same command goes on from there."
        )

    def _was_limited(self, unit: Unit) -> StoppedError:
        now = self.progress
        return StoppedError(
            "limit",
            f"Stopped within the limit of ${self._budget.limit:g}: ${now.dollars or 0:.6f} is "
            f"spent, and the next call may cost up to ${self._job.most_dollars(unit):.6f}. "
            f"{now.calls - now.done:,} of {now.calls:,} calls are left; the same command with a "
            "higher limit goes on.",
            now,
        )


def _cut(answers: Sequence[Completion]) -> int:
    """How many ended at the limit of tokens."""
    return sum(answer.finish_reason == "length" for answer in answers)


def _storable(answer: Completion) -> Completion:
    """Half characters, which JSON can carry, cannot be written as UTF-8."""
    text = answer.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return replace(answer, text=text)
