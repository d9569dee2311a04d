"""Runs of a policy that are under way, by visitor, so that Stop reaches them."""

import threading
from collections import defaultdict
from typing import Protocol

_PATIENCE_S = 10.0
"""How long a stopped run may take to end before the page goes on without it."""


class Stoppable(Protocol):
    """A run in a thread of its own."""

    def stop(self) -> None:
        """Start no further call."""

    def join(self, timeout: float) -> None:
        """Wait until it ended, so many seconds at most."""


class Runs:
    """The runs of all visitors; a visitor is known by the session that Gradio gives the page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, list[Stoppable]] = defaultdict(list)

    def add(self, visitor: str, run: Stoppable) -> None:
        """A run is about to begin."""
        with self._lock:
            self._runs[visitor].append(run)

    def ended(self, visitor: str, run: Stoppable) -> None:
        """A run has ended; nothing of it is kept."""
        with self._lock:
            runs = self._runs.get(visitor, [])
            if run in runs:
                runs.remove(run)
            if not runs:
                self._runs.pop(visitor, None)

    def stop(self, visitor: str) -> None:
        """Stop what a visitor has under way and wait until it has ended."""
        with self._lock:
            runs = list(self._runs.get(visitor, []))
        for run in runs:
            run.stop()
        for run in runs:
            run.join(_PATIENCE_S)

    def __len__(self) -> int:
        """How many are under way."""
        with self._lock:
            return sum(map(len, self._runs.values()))


RUNS = Runs()
