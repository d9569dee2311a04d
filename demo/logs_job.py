"""A training that runs in a thread of its own, tells where it is, and can be stopped."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

from core.own_logs import Inspection
from core.own_training import Hooks, OwnLog, StoppedError, learn

_GLANCE = 0.3
"""Seconds between two looks at whether a training was stopped."""


@dataclass(frozen=True)
class Stage:
    """Where a training is.

    Attributes:
        text: What it is doing.
        fits: Models that are done.
    """

    text: str
    fits: int


@dataclass(frozen=True)
class Trained:
    """A log that was learned from, and the file of its reward model in a folder of its own."""

    log: OwnLog
    model: Path

    @classmethod
    def of(cls, log: OwnLog, parent: Path) -> "Trained":
        """Save the reward model where the page can serve it under a name nobody can guess."""
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="model-", dir=parent))
        stem = "".join(sign if sign.isalnum() else "-" for sign in Path(log.name).stem)[:40]
        path = folder / f"{stem}-reward-model.zip"
        log.scorer.model.save(path)
        return cls(log, path)

    def delete(self) -> None:
        """Delete the file with its folder."""
        shutil.rmtree(self.model.parent, ignore_errors=True)


class Job:
    """One training; it is stopped from another event than the one that shows it."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._events: SimpleQueue[Stage | OwnLog | BaseException] = SimpleQueue()
        self._now = Stage("Beginning", 0)

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
            DataError: the log cannot be learned from.
        """
        threading.Thread(target=self._train, args=(found, name), daemon=True).start()
        try:
            while not self.stopped:
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

    def _train(self, found: Inspection, name: str) -> None:
        hooks = Hooks(
            lambda text: self._tell(lambda now: replace(now, text=text)),
            lambda: self._tell(lambda now: replace(now, fits=now.fits + 1)),
            self._stopped.is_set,
        )
        try:
            self._events.put(learn(found.table, found.prompts, name, hooks))
        except StoppedError:
            return
        except BaseException as fault:  # noqa: BLE001 - raised again where the page waits for it
            self._events.put(fault)

    def _tell(self, change: Callable[[Stage], Stage]) -> None:
        self._now = change(self._now)
        self._events.put(self._now)
