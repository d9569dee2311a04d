"""Runs of a policy that are under way, by visitor, so that Stop reaches them and counts them."""

import threading
from collections import defaultdict
from typing import Protocol

from core.ledger import Entry

_PATIENCE_S = 10.0
"""How long a stopped run may take to end before it is counted as it stands."""


class Stoppable(Protocol):
    """A run in a thread of its own."""

    def stop(self) -> None:
        """Start no further call."""

    def join(self, timeout: float) -> None:
        """Wait until it ended, so many seconds at most."""

    def claim(self) -> tuple[Entry, ...] | None:
        """What it spent, to whoever asks first; None to everyone after."""


class Runs:
    """The runs of all visitors; a visitor is known by the session that Gradio gives the page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, list[Stoppable]] = defaultdict(list)

    def add(self, visitor: str, run: Stoppable) -> None:
        """A run has begun."""
        with self._lock:
            self._runs[visitor].append(run)

    def ended(self, visitor: str, run: Stoppable) -> None:
        """A run has ended and somebody has counted it."""
        with self._lock:
            runs = self._runs.get(visitor, [])
            if run in runs:
                runs.remove(run)
            if not runs:
                self._runs.pop(visitor, None)

    def stop(self, visitor: str) -> tuple[Entry, ...]:
        """Stop what a visitor has under way and return what it spent that nobody counted yet."""
        with self._lock:
            runs = self._runs.pop(visitor, [])
        for run in runs:
            run.stop()
        entries: tuple[Entry, ...] = ()
        for run in runs:
            run.join(_PATIENCE_S)
            entries += run.claim() or ()
        return entries


RUNS = Runs()
