"""A training that runs in a thread of its own, tells where it is, and can be stopped."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from core.asking.own_log import FITS, Hooks, OwnLog, StoppedError, learn
from core.errors import DataError
from core.logs.own import Inspection
from demo.background import Task

MOST_MINUTES = 10
"""How long a training may take, the wait for its turn not counted."""
WAITING = "Waiting for its turn: one model is trained at a time."
_GLANCE = 0.3
"""Seconds between two looks at whether a training that waits was stopped."""
_TURN = threading.Lock()
"""Held while models are fitted. A fit cannot be broken off, so the turn of a stopped training ends
when its last fit does, which may be long after its event."""


@dataclass(frozen=True)
class Stage:
    """Where a training is.

    Attributes:
        text: What it is doing.
        fits: Reward models that are done.
        of: How many there are in all.
    """

    text: str
    fits: int
    of: int


class Job:
    """One training; it is stopped from another event than the one that shows it."""

    def __init__(self) -> None:
        self._stopped = False
        self._task: Task[Stage | OwnLog] | None = None
        self._now = Stage("Beginning", 0, FITS)
        self._began: float | None = None

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped it."""
        return self._stopped

    def stop(self) -> None:
        """Let no further model be fitted; the one being fitted is thrown away."""
        self._stopped = True
        if self._task is not None:
            self._task.stop()

    def run(self, found: Inspection, name: str) -> Iterator[Stage | OwnLog]:
        """Train, and yield the stages and at last what was learned; nothing once it is stopped.

        Raises:
            DataError: the log cannot be learned from, or not in ``MOST_MINUTES``.
        """
        if self._stopped:
            return
        self._task = Task(lambda task: self._train(task, found, name))
        try:
            yield from self._task.events(self._check_time)
        finally:
            self.stop()

    def _check_time(self) -> None:
        if self._began is not None and time.monotonic() - self._began > 60 * MOST_MINUTES:
            raise DataError(
                f"The training took longer than {MOST_MINUTES} minutes and was stopped. A log with "
                "fewer rows is learned from faster."
            )

    def _train(self, task: Task[Stage | OwnLog], found: Inspection, name: str) -> None:
        if not self._take_turn(task):
            return
        hooks = Hooks(
            lambda text, fits: self._tell(task, text=text, of=fits),
            lambda: self._tell(task, fits=self._now.fits + 1),
            lambda: task.stopped,
        )
        try:
            self._began = time.monotonic()
            task.tell(learn(found.table, found.prompts, name, hooks))
        except StoppedError:
            return
        finally:
            _TURN.release()

    def _take_turn(self, task: Task[Stage | OwnLog]) -> bool:
        """Wait until no other training fits models; False when it was stopped meanwhile."""
        if _TURN.acquire(blocking=False):
            return True
        self._tell(task, text=WAITING)
        while not task.stopped:
            if _TURN.acquire(timeout=_GLANCE):
                return True
        return False

    def _tell(self, task: Task[Stage | OwnLog], **change: Any) -> None:
        self._now = replace(self._now, **change)
        task.tell(self._now)
