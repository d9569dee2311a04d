"""A training that runs in a thread of its own, tells where it is, and can be stopped."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from core.asking.own_log import Hooks, OwnLog, StoppedError, learn
from core.errors import DataError
from core.logs.own import Inspection

MOST_MINUTES = 10
"""How long a training may take, the wait for its turn not counted."""
WAITING = "Waiting for its turn: one model is trained at a time."
_GLANCE = 0.3
"""Seconds between two looks at whether a training was stopped."""
_TURN = threading.Lock()
"""Held while models are fitted. A fit cannot be broken off, so the turn of a stopped training ends
when its last fit does, which may be long after its event."""


@dataclass(frozen=True)
class Stage:
    """Where a training is.

    Attributes:
        text: What it is doing.
        fits: Models that are done.
    """

    text: str
    fits: int


class Job:
    """One training; it is stopped from another event than the one that shows it."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._events: SimpleQueue[Stage | OwnLog | BaseException] = SimpleQueue()
        self._now = Stage("Beginning", 0)
        self._began: float | None = None

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped it."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let no further model be fitted; the one being fitted is thrown away."""
        self._stopped.set()

    def run(self, found: Inspection, name: str) -> Iterator[Stage | OwnLog]:
        """Train, and yield the stages and at last what was learned; nothing once it is stopped.

        Raises:
            DataError: the log cannot be learned from, or not in ``MOST_MINUTES``.
        """
        threading.Thread(target=self._train, args=(found, name), daemon=True).start()
        try:
            while not self.stopped:
                self._check_time()
                try:
                    event = self._events.get(timeout=_GLANCE)
                except Empty:
                    continue
                if isinstance(event, BaseException):
                    raise event
                yield event
                if isinstance(event, OwnLog):
                    return
        finally:
            self.stop()

    def _check_time(self) -> None:
        if self._began is not None and time.monotonic() - self._began > 60 * MOST_MINUTES:
            raise DataError(
                f"The training took longer than {MOST_MINUTES} minutes and was stopped. A log with "
                "fewer rows is learned from faster."
            )

    def _train(self, found: Inspection, name: str) -> None:
        if not self._take_turn():
            return
        hooks = Hooks(
            lambda text: self._tell(lambda now: replace(now, text=text)),
            lambda: self._tell(lambda now: replace(now, fits=now.fits + 1)),
            self._stopped.is_set,
        )
        try:
            self._began = time.monotonic()
            self._events.put(learn(found.table, found.prompts, name, hooks))
        except StoppedError:
            return
        except BaseException as fault:  # noqa: BLE001 - raised again where the page waits for it
            self._events.put(fault)
        finally:
            _TURN.release()

    def _take_turn(self) -> bool:
        """Wait until no other training fits models; False when it was stopped meanwhile."""
        if _TURN.acquire(blocking=False):
            return True
        self._tell(lambda now: replace(now, text=WAITING))
        while not self.stopped:
            if _TURN.acquire(timeout=_GLANCE):
                return True
        return False

    def _tell(self, change: Callable[[Stage], Stage]) -> None:
        self._now = change(self._now)
        self._events.put(self._now)
